// Test harness. Histories of workflows as the server keeps them: their events by name, their payloads, their JSON.
import { readFileSync } from 'node:fs';
import type { WorkflowHandle } from '@temporalio/client';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';
import type { TestStack } from './test-stack.js';
import { until } from './until.js';

export type History = temporal.api.history.v1.IHistory;
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export async function fetchHistory(stack: TestStack, workflowId: string, runId?: string): Promise<History> {
  return stack.temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
}

/** `WORKFLOW_EXECUTION_STARTED`, in the order of the history. */
export function eventNames(history: History): string[] {
  return (history.events ?? []).map((event) => nameOf(event));
}

export function eventsNamed(history: History, name: string): HistoryEvent[] {
  return (history.events ?? []).filter((event) => nameOf(event) === name);
}

/** Those that ran beside the workflow, in the order in which they ended. */
export function localActivitiesOf(history: History): string[] {
  return eventsNamed(history, 'MARKER_RECORDED').flatMap(({ markerRecordedEventAttributes: marker }) => {
    const [data] = marker?.details?.['data']?.payloads ?? [];
    if (marker?.markerName !== 'core_local_activity' || !data?.data) return [];
    return [(JSON.parse(Buffer.from(data.data).toString()) as { activity_type: string }).activity_type];
  });
}

function nameOf(event: HistoryEvent): string {
  // Its attributes say what it is: `activityTaskScheduledEventAttributes`.
  const attributes = Object.entries(event).find(([key, value]) => key.endsWith('EventAttributes') && value !== null);
  const words = (attributes?.[0] ?? 'unknown').replace(/EventAttributes$/, '');
  return words.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Runs of one workflow id; the list follows the histories by a moment. */
export async function runsOf(stack: TestStack, workflowId: string): Promise<string[]> {
  const runs: string[] = [];
  for await (const run of stack.temporal.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    runs.push(run.runId);
  }
  return runs;
}

export function payloadBytes(payloads: temporal.api.common.v1.IPayloads | null | undefined): number {
  return (payloads?.payloads ?? []).reduce((sum, one) => sum + (one.data?.length ?? 0), 0);
}

/** Everything a reader of the history could read, with its payloads in clear. */
export function textOf(history: History): string {
  const json = historyToJSON(history);
  const decoded = [...json.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
    Buffer.from(data ?? '', 'base64').toString('utf8'),
  );
  return [json, ...decoded].join('\n');
}

/** Signals that nobody reads: four of them are more than what the server says is enough. */
const FILLING = 'x'.repeat(1_200_000);
const FILLING_SIGNALS = 4;

export async function fill(run: WorkflowHandle): Promise<void> {
  for (let number = 0; number < FILLING_SIGNALS; number += 1) await run.signal('ballast', FILLING);
}

/**
 * Fills a run that cannot go on meanwhile up to where one of its tasks has been told that it is enough. A task that
 * follows another at once is not told of what came meanwhile, so another signal comes until then.
 */
export async function fillUp(run: WorkflowHandle): Promise<void> {
  await fill(run);
  const tasks = async (): Promise<HistoryEvent[]> => {
    await run.signal('ballast');
    return eventsNamed(await run.fetchHistory(), 'WORKFLOW_TASK_STARTED');
  };
  await until(tasks, (started) =>
    started.some(({ workflowTaskStartedEventAttributes: told }) => told?.suggestContinueAsNew),
  );
}

const BALLAST_FROM = 100_000;
const BALLAST = Buffer.from('"ballast"').toString('base64');

/** As JSON without what names a machine: worker identities, and stack traces with their paths. */
export function scrubbedJson(history: History): string {
  const scrub = (key: string, value: unknown): unknown => {
    if (key === 'identity') return 'fairmeter';
    // What only fills a history up is not worth its place: nobody reads it.
    if (key === 'data' && typeof value === 'string' && value.length > BALLAST_FROM) return BALLAST;
    return key === 'stackTrace' ? '' : value;
  };
  return `${JSON.stringify(JSON.parse(historyToJSON(history), scrub), null, 2)}\n`;
}

export function readHistory(file: string): History {
  return historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
}

/** Where histories are to be written anew; nowhere unless asked for. */
export function recordInto(): string | undefined {
  return process.env['FAIRMETER_RECORD_HISTORIES'];
}
