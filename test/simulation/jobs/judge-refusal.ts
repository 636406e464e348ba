// Simulation, jobs. What a story was refused, against what it brought: each no needs its cause, and a quote and the job
// that is asked for after it are told the same of their budget.
import type { PlayedJob } from './played-job.js';

const BUDGET_REFUSALS = ['budget_below_minimum', 'budget_too_small'];
const TOO_POOR = 'credits_exhausted';
const TOO_LATE = 'deadline_passed';

type Refused = Pick<PlayedJob, 'story' | 'refusedWith' | 'quoted'>;

export function refusalDifferences(played: Refused): string[] {
  const { story, refusedWith, quoted } = played;
  const found = typeof quoted === 'object' ? quoteDifferences(played, quoted.refusedWith) : [];
  if (refusedWith === null) return found;
  const isOfBudget = BUDGET_REFUSALS.includes(refusedWith);
  if (quoted === 'given' && isOfBudget) found.push(`it was refused ${refusedWith} after a quote for the same budget`);
  const isRight =
    (isOfBudget && story.isTight) ||
    (refusedWith === TOO_POOR && story.isPoor) ||
    (refusedWith === TOO_LATE && story.deadlineMs !== null);
  return isRight ? found : [...found, `it was refused: ${refusedWith}`];
}

/** No credits are asked about for a quote: it may only say what the budget of the request comes to. */
function quoteDifferences({ story, refusedWith }: Refused, ofQuote: string): string[] {
  if (!story.isTight || !BUDGET_REFUSALS.includes(ofQuote)) return [`its quote was refused: ${ofQuote}`];
  // That it came too late is looked at first.
  const isAlike = refusedWith === ofQuote || (refusedWith === TOO_LATE && story.deadlineMs !== null);
  return isAlike ? [] : [`its quote was refused ${ofQuote}, the job ${refusedWith ?? 'not at all'}`];
}
