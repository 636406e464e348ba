// Activities room. What lies outside of it, from the configuration: models, tools, and whoever takes payments.
import { readFileSync } from 'node:fs';
import type { WorkerConfig } from '@fairmeter/platform';
import type { ModelPort, ScriptBook } from '@fairmeter/providers';
import { createModelPort, parseScript, ScriptedModel, testScript } from '@fairmeter/providers';
import type { PaymentPort } from '@fairmeter/providers/payments';
import { DemoPayments, NoPayments, openStripe } from '@fairmeter/providers/payments';
import type { ToolPort } from '@fairmeter/providers/tools';
import { OUR_TOOLS, ScriptedTools } from '@fairmeter/providers/tools';

/** What lies outside: a test or a demo may bring scripted ones. */
export interface World {
  readonly models: ModelPort;
  readonly tools: ToolPort;
  readonly payments: PaymentPort;
  /** How soon a step hears that its job was stopped: a test need not wait for it as long as a server asks for. */
  readonly heartbeatMs: number;
}

/** Calls are kept for tests to look at; a long-lived worker keeps few, they hold whole prompts. */
const CALLS_KEPT = 10;

export function modelsFrom({ openai, anthropic }: WorkerConfig, script: ScriptBook | null): ModelPort {
  return createModelPort({
    ...(script === null ? {} : { scripted: new ScriptedModel(script, { callsMax: CALLS_KEPT }) }),
    test: new ScriptedModel(testScript(script), { callsMax: CALLS_KEPT }),
    ...(openai === undefined
      ? {}
      : { openai: { apiKey: openai.apiKey, baseUrl: openai.baseUrl ?? 'https://api.openai.com/v1' } }),
    ...(anthropic === undefined
      ? {}
      : { anthropic: { apiKey: anthropic.apiKey, baseUrl: anthropic.baseUrl ?? 'https://api.anthropic.com' } }),
  });
}

/** Nobody takes payments unless it is said: what is paid at once by nobody's money must not come of a lost setting. */
export async function paymentsFrom({ payments, stripe }: WorkerConfig): Promise<PaymentPort> {
  if (stripe !== undefined) return openStripe(stripe);
  return payments === 'demo' ? new DemoPayments() : new NoPayments();
}

/** A script may say where our own tools crash; without one they run as they are. */
export function toolsFrom(script: ScriptBook | null): ToolPort {
  return script?.tools === undefined ? OUR_TOOLS : new ScriptedTools(script.tools);
}

export function scriptBook(file: string): ScriptBook {
  return parseScript(readFileSync(file, 'utf8'));
}
