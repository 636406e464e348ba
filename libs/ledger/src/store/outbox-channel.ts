// Ledger room. The channel a committed group notifies with the ids of its scopes.
export const OUTBOX_CHANNEL = 'fm_outbox';
