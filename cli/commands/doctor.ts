import { BaseCommand } from '../base-command.ts';
import { ExitCode } from '../errors/entry.ts';
import { doctor, type DoctorResult } from '../operations/doctor.ts';
import { doctorText } from '../views/doctor.ts';

export default class Doctor extends BaseCommand {
  static override summary = 'Check everything that a deploy needs and what runs, with what to do about it.';
  static override description = `Changes nothing. Exits 0 when every check is ok, else 3.
With --json: {environment, ok, deployed, checks: [{title, ok, code, message, details, next}]}.`;
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json | jq .ok'];

  async run(): Promise<DoctorResult> {
    const { flags } = await this.parse(Doctor);
    const result = await doctor(this.context(flags));
    this.show(doctorText(result, this.io));
    if (!result.ok) process.exitCode = ExitCode.precondition;
    return result;
  }
}
