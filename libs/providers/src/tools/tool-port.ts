// Providers room, tools. The port through which a step checks and builds: our own tools, which may crash as any program
// may. Whoever wants to see what a job makes of that can have them crash by script.
import { buildPreview } from './preview/build-preview.js';
import type { BuildReport, CheckFault, CheckReport } from './checks/check-report.js';
import { checkWorkspace } from './checks/check-workspace.js';
import type { Workspace } from './workspace/workspace.js';

export interface ToolPort {
  check(files: Workspace): Promise<CheckReport>;
  build(files: Workspace): Promise<BuildReport>;
}

export const OUR_TOOLS: ToolPort = { check: checkWorkspace, build: buildPreview };

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

  private faultOf(tool: ScriptedToolFault['tool'], files: Workspace): CheckFault | null {
    const texts = files.paths.map((path) => files.file(path)?.text ?? '');
    const scripted = this.faults.find(
      (fault) => fault.tool === tool && texts.some((text) => text.includes(fault.whenFileIncludes)),
    );
    return scripted?.fault ?? null;
  }
}
