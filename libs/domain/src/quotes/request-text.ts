// Domain room. What a request says, as one text: what is asked, then the files it brings along. The quote counts this
// text and the job is asked with it, so that nobody is quoted one thing and charged for another.

export interface ContextFile {
  readonly path: string;
  readonly text: string;
  /** Lines from 1, both included: only these go along. Without it the whole file does. */
  readonly selection: LineRange | null;
}

export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export function requestText(prompt: string, context: readonly ContextFile[]): string {
  return [prompt, ...context.map(fileText)].join('\n\n');
}

/** The same request, had it brought along every file whole (D16). */
export function withWholeFiles(context: readonly ContextFile[]): readonly ContextFile[] {
  return context.map((file) => ({ ...file, selection: null }));
}

/** Whether all that is selected is there: a selection beyond the end of its file would be a quote for nothing. */
export function selectionFits({ text, selection }: ContextFile): boolean {
  return selection === null || (selection.from <= selection.to && selection.to <= text.split('\n').length);
}

function fileText({ path, text, selection }: ContextFile): string {
  if (selection === null) return `--- ${path}\n${text}`;
  const { from, to } = selection;
  const lines = text.split('\n').slice(from - 1, to);
  return `--- ${path}, lines ${from} to ${to}\n${lines.join('\n')}`;
}
