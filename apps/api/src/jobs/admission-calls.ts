// API room. What is asked of Temporal, and until when an answer is waited for.
import type { AdmitRequest, AiJobInput } from '@fairmeter/contracts';

export interface AdmissionCall {
  readonly input: AiJobInput;
  readonly updateId: string;
  readonly request: AdmitRequest;
  /** Epoch milliseconds after which no answer is waited for. */
  readonly deadline: number;
  /** Whose work waits in one line: the payer's scope. Null where everybody's waits in the same. */
  readonly fairnessKey: string | null;
}

export interface SteerCall<Args> {
  readonly workflowId: string;
  readonly updateId: string;
  readonly args: Args;
  readonly deadline: number;
}

/** A workflow that may be there already, by an id that follows from what it is about. */
export interface StartCall {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: object;
  readonly deadline: number;
}

export interface StartAndAskCall<Args extends unknown[] = []> extends StartCall {
  readonly updateId: string;
  /** Of a question that has any. */
  readonly args?: Args;
}

export interface HeardCall {
  readonly workflowId: string;
  readonly updateId: string;
  readonly deadline: number;
}

export interface TellCall<Args> {
  readonly workflowId: string;
  readonly args: Args;
  readonly deadline: number;
}

export interface ResultCall<Input> {
  readonly workflowId: string;
  readonly input: Input;
  readonly deadline: number;
}
