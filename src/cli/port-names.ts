import { actionText } from "../text/action.js";

/** Words that begin an action, and so are no port. */
const ACTIONS = new Set(Object.values(actionText).map((text) => text.name));

/**
 * Numbers for the port names in a text, as `--names` and `-m` print them.
 *
 * Which number a port has is not in the text and changes no verdict: each name gets the next free one.
 */
export class PortNames extends Map<string, number> {
  override get(name: string): number | undefined {
    const known = super.get(name);
    if (known !== undefined || ACTIONS.has(name) || !/^[\w.@-]{1,15}$/.test(name)) return known;
    this.set(name, this.size + 1);
    return this.size;
  }
}
