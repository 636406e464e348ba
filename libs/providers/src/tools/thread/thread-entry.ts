// Providers room, tools. Where a thread of the tools begins: it works on one task after the other and keeps the files
// of the last. Whatever it throws ends the thread, which is an answer to whoever asked.
import { parentPort } from 'node:worker_threads';
import { checkWorkspace } from '../checks/check-workspace.js';
import { buildPreview } from '../preview/build-preview.js';
import { runTool } from '../runs/run-tool.js';
import { Workspace } from '../workspace/workspace.js';
import type { ToolAnswers, ToolTask, Turn } from './tool-task.js';

let files = Workspace.empty();

async function answerTo(task: ToolTask): Promise<ToolAnswers[keyof ToolAnswers]> {
  switch (task.name) {
    case 'check':
      return checkWorkspace(files, task.limits);
    case 'build':
      return buildPreview(files, task.limits);
    case 'search':
      return runTool(files, task.call).result;
  }
}

parentPort?.on('message', (turn: Turn) => {
  if (turn.files !== undefined) files = Workspace.of(turn.files.map(([path, text]) => ({ path, text })));
  void answerTo(turn.task).then((answer) => {
    parentPort?.postMessage(answer);
  });
});
