// API room. What every route that reads a body, or takes an Idempotency-Key, may answer.
export const BODY_PROBLEMS = ['malformed_json', 'validation_failed', 'unsupported_media_type'] as const;
export const ONCE_PROBLEMS = ['idempotency_key_missing', 'idempotency_key_invalid', 'idempotency_mismatch'] as const;
