// Providers room: scripts, the plain data from which the scripted provider answers.
// A script says everything that will be answered; what it does not say is an error, never a default.
import type { TokenMeters } from '@fairmeter/domain';
import type { ModelFaultKind, ModelRequest, StopReason } from '../model-port.js';
import type { ScriptedToolFault } from '../tools/scripted-tools.js';
import type { UsageFlag } from '../usage/usage-reading.js';

/** What the call that gets a reply must look like; a call that differs fails loudly. */
export interface ScriptExpectation {
  readonly model?: string;
  readonly requestRef?: string;
  readonly maxOutputTokens?: number;
  /** Texts that must occur in the system text or a message. */
  readonly promptIncludes?: readonly string[];
}

interface ReplyTiming {
  /** Before anything arrives. */
  readonly delayMs?: number;
  /** Before each further chunk of text. */
  readonly chunkDelayMs?: number;
  /** Into how many chunks the text is cut, 1 when not said. */
  readonly chunks?: number;
  readonly expect?: ScriptExpectation;
}

export interface ScriptedAnswer extends ReplyTiming {
  readonly text: string;
  /** Null is a provider that reports nothing; it has to be written out. */
  readonly usage: TokenMeters | null;
  /** Beside `unmetered`, which follows from `usage` by itself. */
  readonly usageFlags?: readonly UsageFlag[];
  readonly stopReason?: StopReason;
  readonly region?: string;
}

export interface ScriptedFault extends ReplyTiming {
  readonly fault: ModelFaultKind;
  /** What had arrived before the fault. */
  readonly text?: string;
  readonly usage?: TokenMeters | null;
  readonly status?: number;
  /** By default what the real adapters say of such a fault. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

export type ScriptedReply = ScriptedAnswer | ScriptedFault;

/** How a job's calls find their replies. */
export type Script =
  /** The n-th call of a job gets the n-th reply. */
  | { readonly kind: 'sequence'; readonly replies: readonly ScriptedReply[] }
  /** The n-th call of a job's stage gets the n-th reply of that stage. */
  | { readonly kind: 'stages'; readonly stages: ReadonlyMap<string, readonly ScriptedReply[]> }
  /** Attempt n at a step gets the n-th reply of that step: needs no memory, so it outlives a restarted worker. */
  | { readonly kind: 'steps'; readonly steps: ReadonlyMap<number, readonly ScriptedReply[]> }
  /** Every call of a stage gets the reply of that stage, and every other call the usual one. */
  | { readonly kind: 'always'; readonly stages: ReadonlyMap<string, ScriptedReply>; readonly usual: ScriptedReply };

/** Which calls a script is for: all that is given must hold. */
export interface ScriptCondition {
  readonly model?: string;
  readonly jobPrefix?: string;
  /** A marker in the system text or a message. */
  readonly promptIncludes?: string;
}

export interface ScriptEntry {
  readonly name: string;
  readonly when: ScriptCondition;
  readonly script: Script;
}

/** Asked in order; the first entry whose condition holds serves the job, each job from the script's start. */
export interface ScriptBook {
  readonly entries: readonly ScriptEntry[];
  /** Where our own tools crash, whichever script the job is played from. */
  readonly tools?: readonly ScriptedToolFault[];
}

export function sequenceScript(replies: readonly ScriptedReply[]): Script {
  return { kind: 'sequence', replies };
}

export function stageScript(stages: Readonly<Record<string, readonly ScriptedReply[]>>): Script {
  return { kind: 'stages', stages: new Map(Object.entries(stages)) };
}

export function stepScript(steps: Readonly<Record<number, readonly ScriptedReply[]>>): Script {
  return { kind: 'steps', steps: new Map(Object.entries(steps).map(([ordinal, of]) => [Number(ordinal), of])) };
}

/** A book of one script for every call. */
export function bookOf(script: Script, name = 'only'): ScriptBook {
  return { entries: [{ name, when: {}, script }] };
}

export function promptIncludes(request: ModelRequest, marker: string): boolean {
  return [request.system ?? '', ...request.messages.map(({ text }) => text)].some((text) => text.includes(marker));
}
