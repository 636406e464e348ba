// Domain room. Files that a person sends along with a prompt, and how a model is shown them. Their size is reckoned on
// what is shown, so that a hold made for it is enough.

export interface ContextFile {
  readonly name: string;
  readonly content: string;
  /** Lines from and to, counted from 1, both included; without it the whole file is meant. */
  readonly selection?: { readonly from: number; readonly to: number } | undefined;
}

/** Empty without files. */
export function renderContext(files: readonly ContextFile[]): string {
  return files.map(({ name, content, selection }) => `\n\n=== ${name}${linesOf(selection)}\n${content}`).join('');
}

export function promptWithContext(prompt: string, files: readonly ContextFile[]): string {
  return prompt + renderContext(files);
}

/** The whole file is shown either way: what surrounds a selection is what makes it understood. */
function linesOf(selection: ContextFile['selection']): string {
  return selection === undefined ? '' : ` (about lines ${selection.from} to ${selection.to})`;
}
