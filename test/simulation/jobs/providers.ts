// Simulation, jobs. The world outside a step: models that answer by the story of the job that asks, our own tools where
// they fail, and a book of every call, for whoever judges.
import {
  bookOf,
  parseRequestRef,
  ScriptedModel,
  sequenceScript,
  type GenerateOptions,
  type ModelOutcome,
  type ModelPort,
  type ModelRequest,
} from '@fairmeter/providers';
import {
  ScriptedTools,
  type BuildReport,
  type CheckReport,
  type Searched,
  type ToolPort,
  type Workspace,
} from '@fairmeter/providers/tools';
import type { Losses } from './losses.js';
import { replyOf, TOOL_FAULTS } from './replies.js';
import { drawStory, seedIn } from './story.js';

export interface ProviderCall {
  readonly ordinal: number;
  readonly attempt: number;
  readonly maxOutputTokens: number;
}

export class SimulatedModels implements ModelPort {
  /** Calls by job. */
  private readonly book = new Map<string, ProviderCall[]>();

  constructor(private readonly losses: Losses) {}

  async generate(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
    return this.losses.aroundWork(() => this.answer(request, options));
  }

  callsOf(jobId: string): readonly ProviderCall[] {
    return this.book.get(jobId) ?? [];
  }

  forget(jobId: string): void {
    this.book.delete(jobId);
  }

  private async answer(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
    const ref = parseRequestRef(request.requestRef);
    const seed = seedIn(request.messages[0]?.text ?? '');
    if (ref === null || seed === undefined) throw new Error(`${request.requestRef} is of no story`);
    const { jobId, ordinal, attempt } = ref;
    const calls = this.book.get(jobId) ?? [];
    this.book.set(jobId, calls);
    calls.push({ ordinal, attempt, maxOutputTokens: request.maxOutputTokens });
    const reply = replyOf(drawStory(seed), ordinal, attempt);
    return new ScriptedModel(bookOf(sequenceScript([reply]))).generate(request, options);
  }
}

export class SimulatedTools implements ToolPort {
  private readonly tools = new ScriptedTools(TOOL_FAULTS);

  constructor(private readonly losses: Losses) {}

  async check(files: Workspace): Promise<CheckReport> {
    return this.losses.aroundWork(() => this.tools.check(files));
  }

  async build(files: Workspace): Promise<BuildReport> {
    return this.losses.aroundWork(() => this.tools.build(files));
  }

  async search(...[files, call]: Parameters<ToolPort['search']>): Promise<Searched> {
    return this.losses.aroundWork(() => this.tools.search(files, call));
  }
}
