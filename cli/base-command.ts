import { Command, Flags } from '@oclif/core';
import { ExitCode } from './errors/entry.ts';
import { TodoctlError } from './errors/todoctl-error.ts';
import { systemClock } from './io/clock.ts';
import { type Io, processIo, sayOn } from './io/io.ts';
import { type Context, createContext } from './operations/context.ts';
import { type Parsed, parseError } from './parse-error.ts';
import { errorText } from './views/error.ts';

/** How long a command has to end by itself after the second Ctrl-C, or after its error: work that was left behind may hold the process. */
const LEAVE_MS = 2000;
/** After this time a first Ctrl-C is answered, when what is under way takes its time. */
const SAY_MS = 1000;

/** What every command shares: global flags, one JSON shape, one way from an error to an exit code. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    env: Flags.string({ char: 'e', default: 'local', helpGroup: 'GLOBAL', helpValue: 'NAME', summary: 'Environment of todoctl.yaml.' }),
    json: Flags.boolean({ helpGroup: 'GLOBAL', summary: 'Print the result as JSON, and errors too.' }),
  };

  readonly io: Io = { ...processIo(process.env), json: this.jsonEnabled() };
  readonly #stop = new AbortController();
  readonly #leave = new AbortController();
  #leaving: NodeJS.Timeout | undefined;
  #ended = false;

  /** The context of this run; Ctrl-C once asks to stop, twice to leave. */
  protected context(flags: { env: string }): Context {
    const interrupted = (): void => this.#interrupted();
    process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
    return createContext({
      io: this.io,
      clock: systemClock,
      env: process.env,
      cwd: process.cwd(),
      environment: flags.env,
      stop: this.#stop.signal,
      leave: this.#leave.signal,
    });
  }

  /** Prints a result for a person; with --json the returned value is printed instead. */
  protected show(text: string): void {
    if (!this.jsonEnabled()) this.io.stdout.write(this.io.redactor.redact(text));
  }

  override logJson(json: unknown): void {
    this.io.stdout.write(`${this.io.redactor.redact(JSON.stringify(json, null, 2))}\n`);
  }

  /** oclif would print its whole configuration here. */
  protected override toErrorJson(error: unknown): unknown {
    return { error: this.#known(error).toJSON() };
  }

  protected override async catch(error: Error): Promise<unknown> {
    if (isHelpOrExit(error)) return super.catch(error);
    const shown = this.#known(error);
    this.#tell(shown);
    if (shown.exit === ExitCode.bug && process.env['TODOCTL_DEBUG']) this.io.stderr.write(`${String(error.stack)}\n`);
    return undefined;
  }

  protected override async finally(error: Error | undefined): Promise<unknown> {
    this.#ended = true;
    this.#leaving?.unref();
    if (error) setTimeout(() => this.#exit(), LEAVE_MS).unref();
    return super.finally(error);
  }

  #interrupted(): void {
    const error = new TodoctlError('TODOCTL_INTERRUPTED');
    if (this.#leave.signal.aborted) return this.#exit();
    if (this.#stop.signal.aborted) {
      this.#leaving = setTimeout(() => this.#exit(), LEAVE_MS);
      if (this.#ended) this.#leaving.unref();
      return this.#leave.abort(error);
    }
    this.#stop.abort(error);
    setTimeout(() => {
      if (!this.#ended && !this.#leave.signal.aborted) sayOn(this.io)('Finishing what is under way. Ctrl-C again leaves at once.');
    }, SAY_MS).unref();
  }

  /** Ends the process whatever still holds it. */
  #exit(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#tell(new TodoctlError('TODOCTL_OUTCOME_UNKNOWN', { message: `Left; how ${this.#words()} ended is unknown` }));
    }
    if (this.io.stdout.writableLength > 0 && !this.#leave.signal.aborted) this.io.stdout.once('drain', () => process.exit());
    else process.exit();
  }

  #tell(error: TodoctlError): void {
    process.exitCode = error.exit;
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(error));
    else this.io.stderr.write(this.io.redactor.redact(errorText(error, this.io)));
  }

  #words(): string {
    return `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`;
  }

  #known(error: unknown): TodoctlError {
    return known(error, { command: this.#words(), flags: Object.keys({ ...BaseCommand.baseFlags, ...this.ctor.flags }) });
  }
}

/** Any error as one of the catalogue's; `parsed` is what a mistake in the command line is explained by. */
export function known(error: unknown, parsed: Parsed): TodoctlError {
  if (error instanceof TodoctlError) return error.message.startsWith('Parsing --') ? unwrapped(error) : error;
  if (isParseError(error)) return parseError(error, parsed);
  const message = error instanceof Error ? error.message : String(error);
  return new TodoctlError('TODOCTL_BUG', { message: `${message || 'unknown'} (this is a mistake in todoctl)`, cause: error });
}

/** oclif writes its own words around the message of an error that a flag's parser throws. */
function unwrapped(error: TodoctlError): TodoctlError {
  const { code, why, next, details } = error;
  const message = error.message.replace(/^Parsing --\S+ *\n\t/, '').replace(/\nSee more help with --help$/, '');
  return new TodoctlError(code, { message, why, next, details, cause: error });
}

/** What oclif itself throws carries its mark; nothing but its parser throws such errors here. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error;
}

function isHelpOrExit(error: unknown): boolean {
  return (error as { code?: string }).code === 'EEXIT';
}
