// Domain room. What each status of an account still allows: the one table that admissions and the API's doors ask.

export const ACCOUNT_STATUSES = ['active', 'past_due', 'suspended', 'closed'] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

/**
 * `look` at credits, use and jobs · `personal_data`: be told what is kept · `start_work`: submit jobs, let them go on
 * after a pause, let visitors in · `end_work`: cancel a job, revoke a key, remove a member, take a bot from the public;
 * `set_up`: bots, keys, people, limits, settings · `pay` and buy · `close`.
 */
export const ACCOUNT_ACTS = ['look', 'personal_data', 'start_work', 'end_work', 'set_up', 'pay', 'close'] as const;
export type AccountAct = (typeof ACCOUNT_ACTS)[number];

/** Nothing is ever hidden from whoever it belongs to, and what runs can always be stopped. */
const ALWAYS = ['look', 'personal_data', 'end_work'] as const satisfies readonly AccountAct[];

const ALLOWED = {
  active: ACCOUNT_ACTS,
  // What was bought or granted stays usable; only the next allowance waits for the payment.
  past_due: ACCOUNT_ACTS,
  suspended: [...ALWAYS, 'pay', 'close'],
  closed: ALWAYS,
} as const satisfies Record<AccountStatus, readonly AccountAct[]>;

export function accountMay(status: AccountStatus, act: AccountAct): boolean {
  const allowed: readonly AccountAct[] = ALLOWED[status];
  return allowed.includes(act);
}
