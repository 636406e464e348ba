// Domain room. The six details of a report: which are there, which are missing, and how they are read out of a mail.

export const REVIEW_DETAILS = ['thread', 'task', 'model', 'build_state', 'message_count', 'large_files'] as const;
export type ReviewDetail = (typeof REVIEW_DETAILS)[number];

/** In the reporter's own words; what nobody said is left out. A model may be `unknown`. */
export type ReportedDetails = Readonly<Partial<Record<ReviewDetail, string>>>;

export function missingDetails(reported: ReportedDetails): readonly ReviewDetail[] {
  return REVIEW_DETAILS.filter((detail) => (reported[detail] ?? '').trim() === '');
}

/** What is said later counts, detail by detail. */
export function withDetails(before: ReportedDetails, later: ReportedDetails): ReportedDetails {
  const said = REVIEW_DETAILS.flatMap((detail) => {
    const words = missingDetails(later).includes(detail) ? before[detail] : later[detail];
    return words === undefined ? [] : [[detail, words] as const];
  });
  return Object.fromEntries(said);
}

export interface AnsweredReport {
  readonly before: ReportedDetails;
  readonly said: ReportedDetails;
  /** What was asked for, also where something had been said before. */
  readonly asked: readonly ReviewDetail[];
  /** Whether its link, or an earlier one, was found to be one to a thread. */
  readonly hasThread: boolean;
}

/** After an answer: what nobody has said yet, and what was asked for and not answered. */
export function stillMissing({ before, said, asked, hasThread }: AnsweredReport): readonly ReviewDetail[] {
  const blank = missingDetails(withDetails(before, said));
  const silent = missingDetails(said);
  return REVIEW_DETAILS.filter((detail) => {
    const isBlank = detail === 'thread' ? !hasThread : blank.includes(detail);
    return isBlank || (asked.includes(detail) && silent.includes(detail));
  });
}

/** In English and German, as the mails that ask for them name them. */
const LABELS: readonly (readonly [RegExp, ReviewDetail])[] = [
  [/^thread(?:[ -]link)?$/, 'thread'],
  [/^(?:task(?: description)?|aufgabe)$/, 'task'],
  [/^(?:model|modell)$/, 'model'],
  [/^(?:preview|build|preview ?(?:\/|or|and) ?build|build state)(?: state)?$/, 'build_state'],
  [/^(?:vorschau|vorschau ?(?:\/|oder|und) ?build)$/, 'build_state'],
  [/^(?:messages|message count|number of messages|nachrichten|anzahl der nachrichten)$/, 'message_count'],
  [/^(?:(?:large )?files|(?:gro(?:ß|ss)e )?dateien)$/, 'large_files'],
];

const LABELLED = /^[>\s*]*(\p{L}[\p{L} /-]{2,30}?)\s*:\s*(.*)$/u;
/** A line that was copied from what we wrote, and not filled in. */
const LEFT_OPEN = /^(?:\u2026|\.{3})$/;
const LONGEST_DETAIL = 4_000;

/** Lines such as `Thread: ...`; what follows a line without a label of its own belongs to the one before. */
export function detailsOfMail(text: string): ReportedDetails {
  const found = new Map<ReviewDetail, string>();
  let last: ReviewDetail | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, label = '', words = ''] = LABELLED.exec(line) ?? [];
    const detail = LABELS.find(([form]) => form.test(label.toLowerCase().trim()))?.[1];
    // Below it stands what the mail answers, or who sent it.
    if (/^--\s*$/.test(line)) break;
    if (detail !== undefined && (found.get(detail) ?? '') === '') {
      found.set(detail, LEFT_OPEN.test(words.trim()) ? '' : words.trim().slice(0, LONGEST_DETAIL));
      last = detail;
    } else if (last !== undefined && line.trim() !== '') {
      found.set(last, `${found.get(last) ?? ''}\n${line.trim()}`.trim().slice(0, LONGEST_DETAIL));
    } else last = undefined;
  }
  return Object.fromEntries([...found].filter(([, words]) => words !== ''));
}

export interface ReportedThread {
  readonly botId: string;
  readonly threadId: string;
}

const JOB = /\bjob_[0-9A-Za-z]{1,64}/;
const THREAD = /\b(bot_[0-9A-Za-z_-]{1,64})(?:\/threads)?\/([^\s/?#]{1,120})/;

/** A link to a thread or to one of its jobs: the end of an address, or as the API names them. Null: neither. */
export function readThreadLink(link: string): ReportedThread | { readonly jobId: string } | null {
  const [jobId] = JOB.exec(link) ?? [];
  if (jobId !== undefined) return { jobId };
  const [, botId, threadId] = THREAD.exec(link) ?? [];
  if (botId === undefined || threadId === undefined) return null;
  return { botId, threadId: decoded(threadId) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
