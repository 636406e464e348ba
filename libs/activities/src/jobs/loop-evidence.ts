// Activities room. A finding judged on all that is known by now: an incident may have been written down while the job
// ran, or after the steps of its thread had ended.
import type { LoopFinding, RateCard, StepInWorld } from '@fairmeter/domain';
import { instant, judgedWith } from '@fairmeter/domain';
import type { SeenStepView } from '@fairmeter/ledger/reads';
import { readRegions, readSeenSteps } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { readIncidents, readRateCard } from '@fairmeter/records';
import { observedOf } from './thread-memory.js';

export async function judgedByNow(tx: EntityManager, finding: LoopFinding): Promise<LoopFinding> {
  if (finding.cause === 'platform_fault') return finding;
  const jobIds = [...new Set(finding.steps.map(({ jobId }) => jobId))];
  const steps = await readSeenSteps(tx, jobIds);
  if (steps.length === 0) return finding;
  const from = instant(Math.min(...steps.map(({ startedAt }) => startedAt)));
  const until = instant(Math.max(...steps.map(({ endedAt }) => endedAt)));
  const incidents = await readIncidents(tx, { from, until });
  if (incidents.length === 0) return finding;
  return judgedWith(incidents, finding, await stepsInWorld(tx, steps));
}

/** Steps of jobs with where they ran, as incidents are held against them. */
export async function stepsInWorld(tx: EntityManager, steps: readonly SeenStepView[]): Promise<StepInWorld[]> {
  const regions = await readRegions(tx, [...new Set(steps.map(({ jobId }) => jobId))]);
  // One after the other and each once: a long thread has very many steps.
  const cards = new Map<string, RateCard>();
  for (const id of new Set(steps.map(({ rateCardId }) => rateCardId))) cards.set(id, await readRateCard(tx, id));
  return steps.map((step) => ({
    ...inWorld(step, cards.get(step.rateCardId)),
    regions: regions.get(`${step.jobId}/${step.ordinal}`) ?? [],
  }));
}

function inWorld(step: SeenStepView, card: RateCard | undefined): Omit<StepInWorld, 'regions'> {
  const { model, startedAt, endedAt } = step;
  return {
    ...observedOf(step),
    startedAt,
    endedAt,
    model,
    provider: card?.models.find((price) => price.model === model)?.provider ?? null,
    // The tools of a reported job are its bot's: no incident of ours is theirs.
    ourTool: step.program === 'reported' ? null : step.tool,
  };
}
