// Domain room. What extras do to the length of an answer (A10): off means fewer output tokens.
import type { Extra } from '../jobs/extras.js';

/**
 * How much each makes an answer longer, in hundredths of the code. Figures to plan with: they move what is expected and
 * never what may be charged. The listing of the files and the archive are made by us from what is there already.
 */
export const EXTRA_HUNDREDTHS: Readonly<Record<Extra, number>> = {
  explanation: 10,
  tests: 25,
  install_notes: 5,
  file_tree: 0,
  zip: 0,
};
