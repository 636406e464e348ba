// Providers room, tools. Where a thread of the tools begins: it works on one task after the other and keeps the files
// of the last. Whatever it throws ends the thread, which is an answer to whoever asked.
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { parentPort } from 'node:worker_threads';
import { stopBundler } from '../bundler/bundle-lane.js';
import { checkWorkspace } from '../checks/check-workspace.js';
import { buildPreview } from '../preview/build-preview.js';
import { runTool } from '../runs/run-tool.js';
import { Workspace } from '../workspace/workspace.js';
import type { ToolAnswers, ToolTask, Turn } from './tool-task.js';

let files = Workspace.empty();

async function answerTo(task: ToolTask): Promise<ToolAnswers[keyof ToolAnswers]> {
  switch (task.name) {
    case 'check':
      return alone(checkWorkspace(files, task.limits));
    case 'build':
      return alone(buildPreview(files, task.limits));
    case 'search':
      return runTool(files, task.call).result;
  }
}

/** The ends of the processes that this thread began and that have not ended. */
const running = new Set<Promise<void>>();

subscribe('child_process', (message) => {
  const { process: child } = message as { readonly process: ChildProcess };
  const end = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  }).then(() => {
    running.delete(end);
  });
  running.add(end);
});

/**
 * A process whose thread was ended stays in the system's list until ours ends: nobody is left to ask how it went.
 * So the bundler's is over before the next task reads its files, which is where tasks get stuck.
 */
async function alone<T>(report: Promise<T>): Promise<T> {
  try {
    return await report;
  } finally {
    await stopBundler();
    await Promise.all(running);
  }
}

parentPort?.on('message', (turn: Turn) => {
  if (turn.files !== undefined) files = Workspace.of(turn.files.map(([path, text]) => ({ path, text })));
  void answerTo(turn.task).then((answer) => {
    parentPort?.postMessage(answer);
  });
});
