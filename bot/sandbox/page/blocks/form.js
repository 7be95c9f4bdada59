// The values of a view's inputs, by block and action, as Slack sends them.

export class Form {
  #values = new Map();
  #required = [];

  set(blockId, actionId, value) {
    if (!this.#values.has(blockId)) this.#values.set(blockId, new Map());
    this.#values.get(blockId).set(actionId, value);
  }

  values() {
    return Object.fromEntries([...this.#values].map(([block, actions]) => [block, Object.fromEntries(actions)]));
  }

  require(block) {
    this.#required.push(block);
  }

  // block_id → what is wrong, for the inputs that are not filled in as they must be
  problems() {
    const found = {};
    for (const block of this.#required) {
      const problem = problemWith(block, this.#values.get(block.block_id)?.get(block.element.action_id));
      if (problem) found[block.block_id] = problem;
    }
    return found;
  }
}

function problemWith({ element, optional }, given) {
  const { type: _type, ...rest } = given ?? {};
  const value = Object.values(rest)[0];
  const empty = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  if (empty) return optional ? null : "Please fill this in.";
  if (element.min_length && value.length < element.min_length) return `Please write at least ${element.min_length} characters.`;
  if (element.max_length && value.length > element.max_length) return `Please write at most ${element.max_length} characters.`;
  return null;
}
