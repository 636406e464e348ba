// Activities room. A step in which a tool of ours runs on the files of the job: a call of the model, the check, the
// preview's build, or the packing of what there is.
import type { RunStepInput } from '@fairmeter/contracts';
import type { Stage, StageVerdict, StepPrice, StepReport, StepSeen } from '@fairmeter/domain';
import { invariant, NO_USE, unitPriceOf, unpricedUnit } from '@fairmeter/domain';
import type { Searched, ToolCall, ToolPort, Workspace } from '@fairmeter/providers/tools';
import { runTool } from '@fairmeter/providers/tools';
import { answerRef, readRateCard, saveText, storedText } from '@fairmeter/records';
import { askAgain } from '../ask-again.js';
import type { PinnedJob } from '../jobs/job-memory.js';
import { seenOfReport, seenOfTool } from './seen.js';
import { packFiles, withPlanSaid } from '../workspaces/packing.js';
import { madeCalls } from './tool-calls.js';
import type { StepParts } from './step-parts.js';
import { NEVER_ABORTED } from './step-parts.js';
import type { StepWork, Try, WorkDone } from './work.js';

export type ToolStage = Extract<Stage, 'tool' | 'check' | 'preview' | 'package'>;

export async function toolWork(parts: StepParts, input: RunStepInput, stage: ToolStage): Promise<StepWork> {
  const { manager } = parts.entities;
  const job = await parts.memory.job(manager, input.jobId);
  const card = await readRateCard(manager, job.rateCardId);
  const tool = await toolOf(parts, input, stage);
  const price = unitPriceOf(card, tool.item) ?? unpricedUnit(tool.item, tool.kind);
  return new UseTool(parts, { job, tool, price: { pricedBy: 'units', price } });
}

/** What a run of a tool came to, before it is measured and stored. */
interface ToolOutcome {
  /** For the model's next turn and whoever looks at the job. */
  readonly told: object;
  readonly verdict: StageVerdict;
  /** What was worked on or made; null where nothing was done, so nothing is metered. */
  readonly bytes: number | null;
  /** The files after it, where they changed. */
  readonly files?: Workspace;
  /** For the loop detector, which is told the files by their hash; packing repeats nothing. */
  readonly seen?: (tree: string | undefined) => StepSeen;
  readonly fault: string | null;
}

interface Tool {
  readonly item: string;
  readonly kind: 'tool' | 'build' | 'packaging';
  run(files: Workspace, now: Try, job: PinnedJob): Promise<ToolOutcome>;
}

async function toolOf(parts: StepParts, input: RunStepInput, stage: ToolStage): Promise<Tool> {
  switch (stage) {
    case 'tool':
      return modelsTool(parts, await calledTool(parts, input));
    case 'check':
      return { item: 'tool.check', kind: 'tool', run: (files) => check(parts.tools, files) };
    case 'preview':
      return { item: 'preview.build', kind: 'build', run: (files) => preview(parts.tools, files) };
    case 'package':
      return {
        item: 'packaging',
        kind: 'packaging',
        run: async (files, { input: { asOf } }, job) => ({
          ...(await packFiles(parts.entities.manager, { files, job, asOf })),
          fault: null,
        }),
      };
  }
}

async function calledTool(parts: StepParts, input: RunStepInput): Promise<ToolCall> {
  const { manager } = parts.entities;
  const { call } = input;
  const results = await parts.memory.resultsBefore(manager, input.jobId, input.ordinal);
  const ref = results.find(({ ordinal }) => ordinal === call?.of)?.resultRef ?? '';
  const answer = (await parts.memory.texts.read(manager, input.jobId, [ref])).get(ref);
  const called = answer === undefined ? undefined : madeCalls(answer)[call?.index ?? -1];
  invariant(called !== undefined, 'operation.applied-once', `step ${input.ordinal} names no call of an answer`);
  return called;
}

function modelsTool(parts: StepParts, call: ToolCall): Tool {
  return {
    item: `tool.${call.tool}`,
    kind: 'tool',
    run: async (before, _, job) => {
      const { workspace, ...ran } = await carriedOut(parts.tools, before, call);
      const result = await withPlanSaid(parts.entities.manager, ran.result, { files: workspace, job });
      return {
        told: result,
        verdict: 'go_on',
        bytes: Buffer.byteLength(JSON.stringify(call)) + Buffer.byteLength(result.text),
        ...(result.changed ? { files: workspace } : {}),
        seen: (tree) => seenOfTool(call, { result, fault: ran.fault }, tree),
        fault: ran.fault,
      };
    },
  };
}

/** Looking through many files may take long, and does so beside everybody else's work. */
async function carriedOut(
  tools: ToolPort,
  files: Workspace,
  call: ToolCall,
): Promise<Searched & { readonly workspace: Workspace }> {
  if (call.tool === 'search') return { ...(await tools.search(files, call)), workspace: files };
  return { ...runTool(files, call), fault: null };
}

async function check(tools: ToolPort, files: Workspace): Promise<ToolOutcome> {
  const report = await tools.check(files);
  return {
    told: report,
    verdict: verdictOn(report),
    bytes: report.bytesChecked,
    seen: (tree) => seenOfReport('check', report, tree),
    fault: report.fault,
  };
}

async function preview(tools: ToolPort, files: Workspace): Promise<ToolOutcome> {
  const report = await tools.build(files);
  return {
    told: report,
    verdict: verdictOn(report),
    bytes: report.outputBytes,
    seen: (tree) => seenOfReport('preview', report, tree),
    fault: report.fault,
  };
}

const verdictOn = ({ green }: { readonly green: boolean }): StageVerdict => (green ? 'approved' : 'changes_requested');

interface ToolUse {
  readonly job: PinnedJob;
  readonly tool: Tool;
  readonly price: StepPrice;
}

class UseTool implements StepWork {
  readonly inputBytes = 0;
  readonly inputMessages = 0;
  readonly brought = null;
  readonly job: PinnedJob;
  readonly price: StepPrice;

  constructor(
    private readonly parts: StepParts,
    private readonly use: ToolUse,
  ) {
    this.job = use.job;
    this.price = use.price;
  }

  async run(now: Try): Promise<WorkDone> {
    const before = await this.parts.shelf.take(this.job, now.input.tree);
    const outcome = await this.use.tool.run(before, now, this.job);
    const { bytes } = outcome;
    const meters = bytes === null ? NO_USE : { ...NO_USE, calls: 1, milliseconds: Date.now() - now.startedMs, bytes };
    const body = JSON.stringify(outcome.told);
    const resultRef = answerRef(now.input.jobId, now.input.ordinal, now.attempt);
    const changed = await this.keep(resultRef, body, { before, ...outcome });
    const seen = outcome.seen?.(changed.tree ?? now.input.tree);
    const report: StepReport = seen === undefined ? changed : { ...changed, seen };
    return {
      kind: 'done',
      resultRef,
      resultBytes: Buffer.byteLength(body),
      verdict: outcome.verdict,
      report,
      meters,
      unmetered: false,
      providerRequestId: null,
      region: null,
      fault: outcome.fault,
    };
  }

  private async keep(
    resultRef: string,
    body: string,
    { before, files }: { readonly before: Workspace; readonly files?: Workspace },
  ): Promise<StepReport> {
    const { parts, job } = this;
    const { id: jobId, accountId, subject } = job;
    const told = { id: resultRef, body };
    const save = async (): Promise<StepReport> => {
      if (files !== undefined) return { tree: await parts.shelf.put(job, { workspace: files, before, told }) };
      await saveText(parts.entities.manager, { ...told, accountId, subject, purpose: 'answer' });
      return {};
    };
    const report = await askAgain(save, NEVER_ABORTED);
    parts.memory.texts.keep(jobId, resultRef, storedText(body));
    return report;
  }
}
