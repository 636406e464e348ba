// Goal: each status allows what it says and nothing else. Method: the whole table, cell by cell, written out again.
import { describe, expect, it } from '@jest/globals';
import type { AccountStatus } from './status.js';
import { ACCOUNT_ACTS, ACCOUNT_STATUSES, accountMay } from './status.js';

// In the order of the acts: look, personal data, start work, end work, set up, pay, close.
const TABLE: Readonly<Record<AccountStatus, string>> = {
  active: 'yyyyyyy',
  past_due: 'yyyyyyy',
  suspended: 'yynynyy',
  closed: 'yynynnn',
};

describe('an account', () => {
  it.each(
    ACCOUNT_STATUSES.flatMap((status) =>
      ACCOUNT_ACTS.map((act, at) => ({ status, act, allowed: TABLE[status][at] === 'y' })),
    ),
  )('that is $status: $act is $allowed', ({ status, act, allowed }) => {
    expect(accountMay(status, act)).toBe(allowed);
  });
});
