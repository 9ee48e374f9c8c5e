import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import { describe, expect, test } from 'vitest';
import { type Program, runProgram } from '../../../cli/exec/run.ts';
import { Redactor } from '../../../cli/io/redactor.ts';

function node(code: string, given: Partial<Program> = {}): Program {
  return { program: process.execPath, args: ['-e', code], env: {}, cwd: os.tmpdir(), timeoutMs: 10_000, redactor: new Redactor(), ...given };
}

describe('a program that ends well', () => {
  test('gives back what it wrote', async () => {
    expect(await runProgram(node('console.log("data"); console.error("talk")'))).toEqual({ stdout: 'data', stderr: 'talk' });
  });

  test('sees only the environment that it is given', async () => {
    const { stdout } = await runProgram(node('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } }));
    expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' });
  });

  test('gets its arguments as they are: no shell sees them', async () => {
    const args = ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '$HOME', '; rm -rf', '*', "it's"];
    const { stdout } = await runProgram(node('', { args }));
    expect(JSON.parse(stdout)).toEqual(['$HOME', '; rm -rf', '*', "it's"]);
  });

  test('reads a secret from stdin, and nothing where there is none', async () => {
    const cat = 'process.stdin.on("data", (d) => process.stdout.write(d)).on("end", () => console.log("end"))';
    expect((await runProgram(node(cat, { input: 'secret\n' }))).stdout).toBe('secret\nend');
    expect((await runProgram(node(cat))).stdout).toBe('end');
  });
});

describe('lines as they are written', () => {
  test('come while the program runs, of both streams, without secrets, and are kept all the same', async () => {
    const redactor = new Redactor();
    redactor.register('correct-horse');
    const lines: string[] = [];
    const first = Promise.withResolvers<void>();
    const server = net.createServer((socket) => void first.promise.then(() => socket.end('go'))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const code = `require("net").connect(${(server.address() as net.AddressInfo).port}, "127.0.0.1").on("data", () => { console.error("second correct-horse"); process.exit() }); console.log("first")`;
    const { stdout, stderr } = await runProgram(node(code, { redactor, line: (text) => { lines.push(text); first.resolve(); } }));
    server.close();
    expect(lines).toEqual(['first', 'second ***']);
    expect({ stdout, stderr }).toEqual({ stdout: 'first', stderr: 'second correct-horse' });
  });

  test('are no reason to fail otherwise than without', async () => {
    const line = (): void => undefined;
    await expect(runProgram(node('console.log("a"); process.exit(3)', { line }))).rejects.toMatchObject({ code: 'TODOCTL_PROGRAM_FAILED', message: 'node ended with code 3' });
    await expect(runProgram(node('', { program: '/nowhere/docker', line }))).rejects.toMatchObject({ code: 'TODOCTL_PROGRAM_MISSING' });
    await expect(runProgram(node('setInterval(() => {}, 1000)', { line, timeoutMs: 200 }))).rejects.toMatchObject({ code: 'TODOCTL_PROGRAM_TIMED_OUT' });
    const stop = new AbortController();
    const running = runProgram(node('console.log("here"); setInterval(() => {}, 1000)', { line: () => stop.abort(new Error('stopped')), signal: stop.signal }));
    await expect(running).rejects.toThrow('stopped');
  });
});

describe('a program that does not', () => {
  test('is named with its code, its arguments and its last words', async () => {
    const code = 'for (let i = 0; i < 30; i++) console.error(`line ${i}`); process.exit(3)';
    await expect(runProgram(node(code))).rejects.toMatchObject({
      code: 'TODOCTL_PROGRAM_FAILED',
      message: 'node ended with code 3',
      details: [`node -e ${code}`, ...Array.from({ length: 10 }, (_, index) => `line ${20 + index}`)],
    });
  });

  test('says nothing of a secret, neither in its arguments nor in its words', async () => {
    const redactor = new Redactor();
    redactor.register('correct-horse');
    const error: unknown = await runProgram(node('console.error("refused correct-horse"); process.exit(1) // correct-horse', { redactor })).catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error)).toContain('refused ***');
    expect(JSON.stringify(error)).not.toContain('correct-horse');
  });

  test('is ended when its time is over, also when it does not listen', async () => {
    const code = 'process.on("SIGTERM", () => console.error("not yet")); setInterval(() => {}, 1000); console.error("working")';
    await expect(runProgram(node(code, { timeoutMs: 400 }))).rejects.toMatchObject({ code: 'TODOCTL_PROGRAM_TIMED_OUT', message: 'node did not end in 0.4 s' });
  }, 20_000);

  test('was killed by someone else', async () => {
    await expect(runProgram(node('process.kill(process.pid, "SIGKILL")'))).rejects.toMatchObject({ message: 'node was killed by SIGKILL' });
  });

  test('is not there', async () => {
    await expect(runProgram(node('', { program: '/no/such/helm', args: ['list'] }))).rejects.toMatchObject({
      code: 'TODOCTL_PROGRAM_MISSING', message: 'helm cannot be run: ENOENT', details: ['helm list'],
    });
  });

  test('writes without end', async () => {
    const code = 'const line = "x".repeat(65536); const more = () => { while (process.stdout.write(line)); process.stdout.once("drain", more); }; more()';
    await expect(runProgram(node(code))).rejects.toMatchObject({ code: 'TODOCTL_PROGRAM_FAILED', message: 'node wrote more than 10 MB' });
  });

  test('is ended by a signal, whose reason is what is thrown', async () => {
    const stop = new AbortController();
    const run = runProgram(node('setInterval(() => {}, 1000)', { signal: stop.signal }));
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(run).rejects.toBe(reason);
  });
});
