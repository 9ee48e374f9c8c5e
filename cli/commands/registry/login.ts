import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { parseDuration } from '../../definition/duration.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { loginToRegistry, type LoginResult } from '../../operations/registry/login.ts';
import { loginText } from '../../views/registry/registry.ts';

export default class RegistryLogin extends BaseCommand {
  static override summary = 'Sign in to the registry of the platform, for docker and its like.';
  static override description = `The credentials end by themselves, and only read unless --write is given. They go into a private folder, which is printed, to be
given as DOCKER_CONFIG; with --global docker keeps them where it keeps yours.
With --json: {server, access, until, config}.`;
  static override examples = ['<%= config.bin %> registry login --env prod', '<%= config.bin %> registry login --env prod --write --for 30m', '<%= config.bin %> registry login --env prod --global'];
  static override flags = {
    global: Flags.boolean({ default: false, summary: 'Let docker keep the credentials in your own configuration.' }),
    write: Flags.boolean({ default: false, summary: 'Allow to push, too.' }),
    for: Flags.string({ default: '1h', helpValue: 'DURATION', summary: 'How long: 30m, 8h.' }),
  };

  async run(): Promise<LoginResult> {
    const { flags } = await this.parse(RegistryLogin);
    const lasts = parseDuration(flags.for);
    if (lasts === undefined || lasts < 60_000) throw new TodoctlError('TODOCTL_USAGE', { message: `--for ${flags.for} is no duration of a minute or more: write 30m or 8h` });
    const { global, write } = flags;
    const result = await loginToRegistry(this.context(flags), { global, write, seconds: Math.round(lasts / 1000) });
    this.show(loginText(result, this.io));
    return result;
  }
}
