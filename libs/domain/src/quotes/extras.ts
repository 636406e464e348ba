// Domain room. What a coding answer may bring beside the code (A10). Off means fewer output tokens.
export const EXTRAS = ['explanation', 'tests', 'install_notes', 'file_tree', 'zip'] as const;
export type Extra = (typeof EXTRAS)[number];

/**
 * How much each makes an answer longer, in hundredths of the code. Figures to plan with: they move what is expected and
 * never what may be charged. An archive is made from what is there already.
 */
export const EXTRA_HUNDREDTHS: Readonly<Record<Extra, number>> = {
  explanation: 10,
  tests: 25,
  install_notes: 5,
  file_tree: 2,
  zip: 0,
};
