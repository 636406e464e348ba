// Command line. Reads the reviewed plans of `plans/` into domain types; a figure that is not one stops the seed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelTier, Plan } from '@fairmeter/domain';
import { MODEL_TIERS, parseCredits } from '@fairmeter/domain';

interface PlanFile {
  readonly id: string;
  readonly name: string;
  readonly max_iterations: number;
  readonly max_concurrent_jobs: number;
  readonly max_context_tokens: number;
  /** Decimal credits. */
  readonly max_credits: string;
  readonly max_deadline_minutes: number;
  readonly models: { readonly tiers: readonly string[]; readonly names: readonly string[] };
  readonly artefacts: { readonly allowed: boolean; readonly max_files: number; readonly max_bytes: number };
  /** Why these figures: for whoever reviews the file. */
  readonly source: string;
}

const MS_PER_MINUTE = 60_000;

export function readPlans(folder: string): Plan[] {
  return readdirSync(folder)
    .filter((name) => /^plan\..+\.json$/.test(name))
    .sort()
    .map((name) => planFrom(JSON.parse(readFileSync(join(folder, name), 'utf8')) as PlanFile, name));
}

function planFrom(file: PlanFile, name: string): Plan {
  const wrong = (what: string): Error => new Error(`${name}: ${what} is not what a plan can say`);
  const count = (value: number, what: string, least = 1): number => {
    if (!Number.isSafeInteger(value) || value < least) throw wrong(what);
    return value;
  };
  const maxCredits = parseCredits(file.max_credits);
  if (maxCredits === undefined) throw wrong('max_credits');
  const { models, artefacts } = file;
  const least = artefacts.allowed ? 1 : 0;
  return {
    id: file.id,
    name: file.name,
    maxIterations: count(file.max_iterations, 'max_iterations'),
    maxConcurrentJobs: count(file.max_concurrent_jobs, 'max_concurrent_jobs'),
    maxContextTokens: count(file.max_context_tokens, 'max_context_tokens'),
    maxCredits,
    maxDeadlineMs: count(file.max_deadline_minutes, 'max_deadline_minutes') * MS_PER_MINUTE,
    models: {
      tiers: models.tiers.map((tier): ModelTier => {
        const known = MODEL_TIERS.find((one) => one === tier);
        if (known === undefined) throw wrong(`the tier ${tier}`);
        return known;
      }),
      names: models.names,
    },
    artefacts: {
      allowed: artefacts.allowed,
      maxFiles: count(artefacts.max_files, 'artefacts.max_files', least),
      maxBytes: count(artefacts.max_bytes, 'artefacts.max_bytes', least),
    },
  };
}
