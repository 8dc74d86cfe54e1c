/** The choice of a service: radio buttons, so that arrow keys and screen readers know what to do. */
import { fill, h } from "./dom.js";
import { say } from "./i18n.js";
import { SERVICES } from "./services.js";

/** @param {Element} place @param {(id: string) => void} onChoose */
export function rail(place, onChoose) {
  const options = SERVICES.map(({ id }) => {
    const input = h("input", { type: "radio", name: "service", value: id, id: `service-${id}`, onchange: () => onChoose(id) });
    const mark = h("span", { class: "mark", text: say("signedInMark"), hidden: true });
    const name = h("span", { class: "name", text: say(`name.${id}`) });
    const way = h("span", { class: "way", text: say(`way.${id}`) });
    return { id, input, mark, card: h("label", { class: "gate", "data-service": id, for: input.id }, input, name, way, mark) };
  });
  fill(
    place,
    h("legend", { class: "unseen", text: say("choose") }),
    options.map((option) => option.card),
  );
  return {
    choose: (id) => options.forEach((option) => (option.input.checked = option.id === id)),
    signedIn: (id, yes) => options.find((option) => option.id === id)?.mark.toggleAttribute("hidden", !yes),
  };
}
