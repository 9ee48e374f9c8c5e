import { type Command, HelpBase } from '@oclif/core';
import { processIo } from './io/io.ts';
import { commandHelp, groupHelp, type HelpCommand, type HelpSource, rootHelp } from './ui/help.ts';

/** Hands oclif's help to the house's renderer: the fast path uses the same one, so both print the same bytes. */
export default class Help extends HelpBase {
  override async showHelp(argv: string[]): Promise<void> {
    const words = argv.filter((word) => !word.startsWith('-'));
    for (let length = words.length; length > 0; length--) {
      const id = words.slice(0, length).join(':');
      const command = this.config.findCommand(id);
      if (command) return this.showCommandHelp(command);
      if (this.config.findTopic(id)) return this.#print(groupHelp(id, this.#source(), processIo(process.env)));
    }
    this.#print(rootHelp(this.#source(), processIo(process.env)));
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    this.#print(commandHelp(command as HelpCommand, this.#source(), processIo(process.env)));
  }

  #source(): HelpSource {
    const { bin, commands, pjson } = this.config;
    return { bin, commands: commands as HelpCommand[], topics: pjson.oclif.topics ?? {}, description: String(pjson['description']) };
  }

  #print(text: string): void {
    process.stdout.write(text);
  }
}
