// Domain room. Which mail is a report of high use, and whose it may be. Mail programs put marks before a subject and
// change its case and spaces; none of that makes it another subject.

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
