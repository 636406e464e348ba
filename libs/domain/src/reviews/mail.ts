// Domain room. Which mail is a report of high use, which one belongs to a case, and whose it may be. Mail programs put
// marks before a subject and change its case and spaces; none of that makes it another subject.

export const REVIEW_SUBJECT = 'High Credit Usage Review';

/** As programs in several languages mark answers and forwarded mail, `Re[2]:` too. */
const MARK = /^(?:re|fwd?|aw|wg|antw|sv|vs|tr|rif)\s*(?:\[\d+\]|\(\d+\))?\s*:\s*/i;

export function isReviewSubject(subject: string): boolean {
  let rest = subject.normalize('NFKC').replace(/\s+/g, ' ').trim();
  for (let next = rest.replace(MARK, ''); next !== rest; next = rest.replace(MARK, '')) rest = next;
  return rest.toLowerCase() === REVIEW_SUBJECT.toLowerCase();
}

const ADDRESS = /[^\s<>()[\]",;:@]{1,64}@[^\s<>()[\]",;:@]{1,190}\.[a-z]{2,63}/gi;
const MOST_ADDRESSES = 10;

/** The sender first, then whatever address the text names, each once and in small letters. */
export function addressesOfMail(mail: { readonly from: string; readonly text: string }): readonly string[] {
  const found = [mail.from, mail.text].flatMap((text) => text.match(ADDRESS) ?? []);
  return [...new Set(found.map((address) => address.toLowerCase()))].slice(0, MOST_ADDRESSES);
}

const ONE_ADDRESS = new RegExp(`^${ADDRESS.source}$`, 'i');
/** At most one pair of angle brackets, at the end and with a name before it. */
const NAMED_ADDRESS = /^([^<>]*)<([^<>]*)>$/;

/**
 * The one address that a mail is from, in small letters. Names and comments may look like any other address, and what
 * a gateway finds of a sender it finds of the true one: a header that can be read in two ways names nobody, and nor
 * does one with several authors.
 */
export function senderOfMail(from: string): string | undefined {
  const plain = withoutAsides(from)?.trim() ?? '';
  const [, name = '', inBrackets = plain] = NAMED_ADDRESS.exec(plain) ?? [];
  const address = inBrackets.trim();
  const sender = address.toLowerCase();
  const isAlone = !name.includes('@') || name.trim().toLowerCase() === sender;
  return isAlone && ONE_ADDRESS.test(address) ? sender : undefined;
}

/**
 * A header without its comments, which may hold others, and without what is quoted: the mark that begins it stays, so
 * that an address with a quoted part is none. Undefined where one of them never ends, or something else is escaped.
 */
function withoutAsides(header: string): string | undefined {
  let plain = '';
  let depth = 0;
  let isQuoted = false;
  // What is escaped begins and ends nothing.
  for (const sign of header.replace(/\\./gs, '\\')) {
    if (isQuoted) {
      isQuoted = sign !== '"';
    } else if (sign === '(') {
      depth += 1;
      // A comment parts words as a space does.
      plain += ' ';
    } else if (depth > 0) {
      depth -= sign === ')' ? 1 : 0;
    } else {
      isQuoted = sign === '"';
      plain += sign;
    }
  }
  return isQuoted || depth > 0 || plain.includes('\\') ? undefined : plain;
}

/** How the subject of a mail about a case names it: at its end, so that programs that cut subjects show the words. */
export function reviewMark(caseId: string): string {
  return `[${caseId}]`;
}

export function withReviewMark(subject: string, caseId: string): string {
  return reviewsNamedBy(subject, '').includes(caseId) ? subject : `${subject} ${reviewMark(caseId)}`;
}

/** The id, without brackets, that all mails about a case refer to: programs show them as one talk and hand it on. */
export function reviewThreadId(caseId: string, host: string): string {
  return `${caseId}@${host}`;
}

const MARKED = /\[(rvw_[0-9a-z]{10,40})\]/gi;
const REFERRED_TO = /<(rvw_[0-9a-z]{10,40})@/gi;
const MOST_NAMED = 5;

/** Cases that a mail names, those of its subject first. `references`: of the headers that tell what it answers. */
export function reviewsNamedBy(subject: string, references: string): readonly string[] {
  const found = [...subject.matchAll(MARKED), ...references.matchAll(REFERRED_TO)];
  return [...new Set(found.map(([, id = '']) => id.toLowerCase()))].slice(0, MOST_NAMED);
}

/** By name, in any case. */
export type MailHeaders = Readonly<Record<string, string>>;

export function mailHeader(headers: MailHeaders, name: string): string {
  const [, value = ''] = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase()) ?? [];
  return value.trim();
}

/** What programs write where no person did (RFC 3834, and what was usual before and beside it). */
const BY_PROGRAM: readonly (readonly [string, RegExp])[] = [
  ['Auto-Submitted', /^(?!no\b)\S/i],
  ['Precedence', /^(?:bulk|junk|auto[_-]reply)\b/i],
  ['X-Auto-Response-Suppress', /^(?!none\b)\S/i],
  ['X-Autoreply', /^(?!no\b)\S/i],
  ['X-Autorespond', /^\S/],
  // The sender of what could not be delivered.
  ['Return-Path', /^<\s*>$/],
];

/** The ids of what we send. */
const OURS = /^<?(?:ntc|rvw)_[0-9a-z]{10,40}@/i;

/** Answers of programs, and what we sent ourselves and came back: whoever answers those talks to itself for ever. */
export function isAutomaticMail(mail: { readonly messageId: string; readonly headers: MailHeaders }): boolean {
  return (
    OURS.test(mail.messageId.trim()) || BY_PROGRAM.some(([name, form]) => form.test(mailHeader(mail.headers, name)))
  );
}
