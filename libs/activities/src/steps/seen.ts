// Activities room. What the loop detector is told of a step: hashes, colours and evidence, never a text.
import { createHash } from 'node:crypto';
import type { Evidence, ModelStage, StepSeen } from '@fairmeter/domain';
import { hashesOf } from '@fairmeter/domain';
import type { BuildReport, CheckFault, CheckReport, Searched, ToolCall } from '@fairmeter/providers/tools';

/** Long enough that two of a job never meet by chance, short enough to travel with every step. */
const DIGEST_CHARACTERS = 20;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS);

/** A tree by the first of its own hash. */
const artefactOf = (tree: string | undefined): Pick<StepSeen, 'artefactHash'> =>
  tree === undefined ? {} : { artefactHash: tree.slice(0, DIGEST_CHARACTERS) };

/** What a draft is: without files of its own, the text that generating or repairing brought is the artefact. */
export function seenOfAnswer(stage: ModelStage, draft: string | null): StepSeen {
  const isDraft = draft !== null && (stage === 'generate' || stage === 'repair');
  return {
    kind: stage === 'clarify' ? 'clarification' : 'model',
    ...(isDraft ? { artefactHash: digest(draft) } : {}),
  };
}

export function seenOfTool(call: ToolCall, { result, fault }: Searched, tree: string | undefined): StepSeen {
  const { tool, ...args } = call;
  const error = result.ok ? null : { errorClass: result.errorClass ?? 'failed', text: result.text };
  return {
    kind: 'tool',
    name: tool,
    ...hashesOf({ tool, args, ...(result.ok ? { result: result.text } : { error }) }, digest),
    ...(fault === null ? {} : { evidence: [EVIDENCE_OF[fault]] }),
    ...artefactOf(tree),
  };
}

type Report = Pick<CheckReport | BuildReport, 'green' | 'problems' | 'counts' | 'fault'>;

/** A crash of our tool is ours whatever it was given; a time limit that fired proves nothing. */
const EVIDENCE_OF: Readonly<Record<CheckFault, Evidence>> = { tool_crashed: 'tool_crash', timed_out: 'time_limit' };

export function seenOfReport(kind: 'check' | 'preview', report: Report, tree: string | undefined): StepSeen {
  const { green, problems, counts, fault } = report;
  const name = kind === 'check' ? 'check' : 'preview.build';
  const text = problems.map(({ path, rule, message }) => `${path}: ${rule}: ${message}`).join('\n');
  const error = { errorClass: fault ?? 'problems', text: fault === null ? text : name };
  const evidence = fault === null ? 'own_code' : EVIDENCE_OF[fault];
  return {
    kind,
    name,
    green,
    counts: { errors: counts.errors },
    ...hashesOf({ tool: name, args: null, ...(green ? { result: 'green' } : { error }) }, digest, false),
    ...(green ? {} : { evidence: [evidence] }),
    ...artefactOf(tree),
  };
}
