// Command line. Reads the reviewed plans of `plans/` into domain types; a figure that is not one stops the seed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoopPolicy, ModelTier, Plan } from '@fairmeter/domain';
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
  /** Left out: loops are what they are in the house. */
  readonly loops?: LoopsOfFile;
  /** Why these figures: for whoever reviews the file. */
  readonly source: string;
}

/** Only what the plan changes. */
interface LoopsOfFile {
  readonly equal_calls?: number;
  readonly equal_errors?: number;
  readonly alternation_rounds?: number;
  readonly red_builds?: number;
  readonly idle_iterations?: number;
  readonly pollable_calls?: number;
  readonly pollable_tools?: readonly string[];
  readonly shadow?: boolean;
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
    ...(file.loops === undefined ? {} : { loops: loopsFrom(file.loops, count) }),
  };
}

const THRESHOLDS = [
  ['equal_calls', 'equalCalls'],
  ['equal_errors', 'equalErrors'],
  ['alternation_rounds', 'alternationRounds'],
  ['red_builds', 'redBuilds'],
  ['idle_iterations', 'idleIterations'],
  ['pollable_calls', 'pollableCalls'],
] as const;
/** Once is never a loop. */
const FEWEST = 2;

function loopsFrom(
  loops: LoopsOfFile,
  count: (value: number, what: string, least: number) => number,
): Partial<LoopPolicy> {
  const thresholds: Record<string, number> = {};
  for (const [key, name] of THRESHOLDS) {
    const value = loops[key];
    if (value !== undefined) thresholds[name] = count(value, `loops.${key}`, FEWEST);
  }
  return {
    ...thresholds,
    ...(loops.pollable_tools === undefined ? {} : { pollableTools: loops.pollable_tools }),
    ...(loops.shadow === undefined ? {} : { shadow: loops.shadow }),
  };
}
