// Providers room, tools. Our tools as a worker uses them: what may take long works in threads beside its own.
import type { CodeLimits } from '../bundler/check-limits.js';
import { CODE_LIMITS } from '../bundler/check-limits.js';
import type { BuildReport, CheckReport } from '../checks/check-report.js';
import { runTool } from '../runs/run-tool.js';
import type { ToolResult } from '../runs/tool-result.js';
import type { Searched, ToolPort } from '../tool-port.js';
import type { Workspace } from '../workspace/workspace.js';
import type { SearchCall } from './tool-task.js';
import { ToolThread } from './tool-thread.js';

export interface OwnToolLimits {
  readonly code: CodeLimits;
  /** Each part of a check has its own time; this one ends what got stuck nevertheless. */
  readonly checkMilliseconds: number;
  readonly searchMilliseconds: number;
  /** So little text is looked through for plain words sooner than it is copied. */
  readonly searchedAtOnceBytes: number;
}

const LIMITS: OwnToolLimits = {
  code: CODE_LIMITS,
  checkMilliseconds: 40_000,
  searchMilliseconds: 10_000,
  searchedAtOnceBytes: 1_048_576,
};

export class OwnTools implements ToolPort {
  private readonly checks = new ToolThread();
  /** A quick look must not wait for the checks of others. */
  private readonly searches = new ToolThread();
  private readonly limits: OwnToolLimits;

  constructor(limits: Partial<OwnToolLimits> = {}) {
    this.limits = { ...LIMITS, ...limits };
  }

  async check(files: Workspace): Promise<CheckReport> {
    const { code: limits, checkMilliseconds } = this.limits;
    const came = await this.checks.ask(files, { name: 'check', limits }, checkMilliseconds);
    if (came.kind === 'answered') return came.answer;
    return { green: false, problems: [], counts: { errors: 0, files: 0 }, bytesChecked: 0, fault: came.kind };
  }

  async build(files: Workspace): Promise<BuildReport> {
    const { code: limits, checkMilliseconds } = this.limits;
    const came = await this.checks.ask(files, { name: 'build', limits }, checkMilliseconds);
    if (came.kind === 'answered') return came.answer;
    return {
      green: false,
      entry: null,
      outputs: [],
      outputBytes: 0,
      problems: [],
      counts: { errors: 0 },
      fault: came.kind,
    };
  }

  async search(files: Workspace, call: SearchCall): Promise<Searched> {
    const { searchMilliseconds, searchedAtOnceBytes } = this.limits;
    if (call.kind === 'literal' && files.bytes <= searchedAtOnceBytes) {
      return { result: runTool(files, call).result, fault: null };
    }
    const came = await this.searches.ask(files, { name: 'search', call }, searchMilliseconds);
    if (came.kind === 'answered') return { result: came.answer, fault: null };
    return { result: NOT_FOUND_OUT, fault: came.kind };
  }

  async stop(): Promise<void> {
    await Promise.all([this.checks.stop(), this.searches.stop()]);
  }
}

const NOT_FOUND_OUT: ToolResult = {
  tool: 'search',
  ok: false,
  text: 'the search broke off, which is no fault of the files: search for less, or in a folder',
  errorClass: 'broke_off',
  changed: false,
};

/** Of this process. */
export const OUR_TOOLS = new OwnTools();
