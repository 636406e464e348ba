// Domain room. What is said wherever a coding cost or answer is shown: codes, so that every door says the same.

/** A coding answer is a suggestion that a person must review; nothing about production or law is promised (A14). */
export const CODE_IS_A_SUGGESTION = 'code_is_a_suggestion';
/** Normal credits, and a bigger output needs more of them (A21). */
export const BIGGER_OUTPUT_COSTS_MORE = 'bigger_output_costs_more';

export type NoticeCode = typeof CODE_IS_A_SUGGESTION;
export type FactCode = typeof BIGGER_OUTPUT_COSTS_MORE;
