// Providers room, tools. Our tools, made to crash by script: for whoever wants to see what a job makes of that.
import type { BuildReport, CheckFault, CheckReport } from './checks/check-report.js';
import { OUR_TOOLS } from './thread/own-tools.js';
import type { SearchCall } from './thread/tool-task.js';
import type { Searched, ToolPort } from './tool-port.js';
import type { Workspace } from './workspace/workspace.js';

/** Of a script: whenever any file holds these words, the tool named fails so, whatever the files are like. */
export interface ScriptedToolFault {
  readonly tool: 'check' | 'build';
  readonly whenFileIncludes: string;
  readonly fault: CheckFault;
}

export class ScriptedTools implements ToolPort {
  constructor(
    private readonly faults: readonly ScriptedToolFault[],
    private readonly real: ToolPort = OUR_TOOLS,
  ) {}

  async check(files: Workspace): Promise<CheckReport> {
    const fault = this.faultOf('check', files);
    if (fault === null) return this.real.check(files);
    return { green: false, problems: [], counts: { errors: 0, files: files.size }, bytesChecked: 0, fault };
  }

  async build(files: Workspace): Promise<BuildReport> {
    const fault = this.faultOf('build', files);
    if (fault === null) return this.real.build(files);
    return { green: false, entry: null, outputs: [], outputBytes: 0, problems: [], counts: { errors: 0 }, fault };
  }

  async search(files: Workspace, call: SearchCall): Promise<Searched> {
    return this.real.search(files, call);
  }

  private faultOf(tool: ScriptedToolFault['tool'], files: Workspace): CheckFault | null {
    const texts = files.paths.map((path) => files.file(path)?.text ?? '');
    const scripted = this.faults.find(
      (fault) => fault.tool === tool && texts.some((text) => text.includes(fault.whenFileIncludes)),
    );
    return scripted?.fault ?? null;
  }
}
