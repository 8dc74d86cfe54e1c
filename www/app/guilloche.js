/**
 * The fine lines on a pass, as on a banknote: two woven rings whose shape comes from a text, so that every holder's
 * pass has its own. An ornament; nothing is proved by it.
 */
import { h } from "./dom.js";

const SIZE = 400;
const STEPS = 480;

export function guilloche(text) {
  const dice = diceOf(text);
  const outer = ring({ radius: 146, depth: 30 + dice(14), waves: 9 + dice(9), swell: 2 + dice(5), lines: 12 });
  const inner = ring({ radius: 66, depth: 18 + dice(12), waves: 5 + dice(7), swell: 2 + dice(3), lines: 8 });
  const view = { viewBox: `0 0 ${SIZE} ${SIZE}`, preserveAspectRatio: "xMidYMid slice" };
  return h("svg", { class: "guilloche", "aria-hidden": "true", ...view }, [...outer, ...inner].map((d) => h("path", { d })));
}

/** The same wave around a circle, `lines` times, each a little further turned: where they cross, the weave appears. */
function ring({ radius, depth, waves, swell, lines }) {
  return Array.from({ length: lines }, (_, line) => {
    const turn = (line / lines) * 2 * Math.PI;
    const points = Array.from({ length: STEPS }, (_, step) => {
      const angle = (step / STEPS) * 2 * Math.PI;
      const wave = depth * (0.75 + 0.25 * Math.cos(swell * angle)) * Math.cos(waves * angle + turn);
      const at = (value) => (SIZE / 2 + (radius + wave) * value).toFixed(1);
      return `${at(Math.cos(angle))} ${at(Math.sin(angle))}`;
    });
    return `M${points.join("L")}Z`;
  });
}

/** Numbers below a bound, always the same for the same text (FNV-1a, then a step for each throw). */
function diceOf(text) {
  let seed = 0x811c9dc5;
  for (const character of text) seed = Math.imul(seed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (bound) => {
    seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x297a2d39;
    return (seed >>> 8) % bound;
  };
}
