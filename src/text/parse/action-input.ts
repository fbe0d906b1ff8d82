import { actionText, type ActionName, type ActionText } from "../action.js";
import type { Dialect } from "../dialect.js";
import type { KeyInput } from "./forms.js";

/** What the text of actions turns into while it is read: `key` collects the actions, `mask` the mask of one set(). */
export interface ActionInput extends KeyInput {
  readonly dialect: Dialect;
}

/** Bytes at the start of the mask's writer for masks that nobody wants: the largest of a single value. */
export const SCRATCH = 16;

/** The code of an action in the dialect, or a failure where the release has no such action. */
export function codeOf(input: ActionInput, name: ActionName): number {
  const code = input.dialect.codes[name];
  if (code !== undefined) return code;
  const text: ActionText = actionText[name];
  const at = Math.max(0, input.lexer.at - text.name.length - 1);
  return input.lexer.fail(`an action that OVS ${input.dialect.release} knows`, at);
}
