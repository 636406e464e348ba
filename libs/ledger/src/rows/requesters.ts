// Ledger room. Who asked for a job, as statements ask it: of a person what that person asked for while signed in. What
// a key asked for is its bot's or its account's, whoever made the key.
/** Of `jobs`, by the name they have in the statement, and where it finds the id of the person. */
export const askedByPerson = (jobs: string, person: string): string =>
  `${jobs}.requester_kind = 'person' AND ${jobs}.requester_id = ${person}`;
