// Providers room, tools. Where a thread of the tools begins: it works on one task after the other and keeps the files
// of the last. Whatever it throws ends the thread, which is an answer to whoever asked.
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
      return withoutBundlerAfter(checkWorkspace(files, task.limits));
    case 'build':
      return withoutBundlerAfter(buildPreview(files, task.limits));
    case 'search':
      return runTool(files, task.call).result;
  }
}

/**
 * A child whose thread was ended stays in the list of processes until ours ends: nobody is left to ask how it ended. So
 * there is none while the next task reads its files, which is where tasks get stuck.
 */
async function withoutBundlerAfter<T>(report: Promise<T>): Promise<T> {
  try {
    return await report;
  } finally {
    await stopBundler();
  }
}

parentPort?.on('message', (turn: Turn) => {
  if (turn.files !== undefined) files = Workspace.of(turn.files.map(([path, text]) => ({ path, text })));
  void answerTo(turn.task).then((answer) => {
    parentPort?.postMessage(answer);
  });
});
