// Builds DOM nodes. Every string becomes a text node, so nothing that a person wrote can become markup.

const asProperty = new Set(["value", "checked", "disabled", "selected", "hidden", "open", "indeterminate"]);

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  element.append(...flatten(children));
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2).toLowerCase(), value);
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "vars") for (const [key, v] of Object.entries(value)) element.style.setProperty(`--${key}`, v);
  else if (asProperty.has(name)) element[name] = value;
  else element.setAttribute(name === "className" ? "class" : name, value === true ? "" : String(value));
}

function flatten(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

export function replaceContent(element, ...children) {
  element.replaceChildren(...flatten(children));
  return element;
}

export function fragment(...children) {
  const result = document.createDocumentFragment();
  result.append(...flatten(children));
  return result;
}

// Swaps one element for its newer self and keeps the keyboard focus on the control with the same data-focus.
export function swap(old, fresh) {
  const key = old.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  old.replaceWith(fresh);
  if (key) fresh.querySelector(`[data-focus="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

let lastId = 0;
export function uniqueId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}
