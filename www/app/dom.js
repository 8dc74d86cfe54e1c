/**
 * Elements without a framework. Wherever a text or an attribute is given as a function, it is asked again when the
 * language changes: the page never has to be built anew for that, and nobody loses what they were typing.
 */
const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "path", "g", "circle"]);
/** What to ask again, for each element that has such texts. */
const live = new WeakMap();

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] `on…` listeners, `text`, `value`, else attributes
 * @param {...any} children elements and texts; null and false are left out
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  const element = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  for (const child of children.flat()) {
    if (child == null || child === false) continue;
    element.append(typeof child === "function" ? h("span", { text: child }) : child);
  }
  return element;
}

/** Sets one property; a function follows the language. */
export function set(element, name, value) {
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), value);
    return;
  }
  const apply = () => assign(element, name, typeof value === "function" ? value() : value);
  const others = live.get(element) ?? new Map();
  if (typeof value === "function") others.set(name, apply);
  else others.delete(name);
  live.set(element, others);
  element.toggleAttribute("data-live", others.size > 0);
  apply();
}

/** Asks all texts in `place` again; those that were away from the page when the language changed need it, too. */
export function retell(/** @type {ParentNode} */ place = document) {
  for (const element of place.querySelectorAll("[data-live]")) live.get(element)?.forEach((apply) => apply());
}

/** Puts `children` in the place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child != null && child !== false));
}

function assign(element, name, value) {
  if (name === "text") element.textContent = value;
  // As a property: a value that is an attribute would be in the page's source.
  else if (name === "value") element.value = value;
  else if (value == null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}
