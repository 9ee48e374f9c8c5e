// Which base image a tag names: asked of whoever keeps it, never made up.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { baseOf, resolveBase } from '../../../cli/images/base.ts';
import { Redactor } from '../../../cli/io/redactor.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

/** A registry that everybody may read; it answers a question for a manifest as told. */
async function registry(answer: { status: number; headers?: Record<string, string> }): Promise<{ server: string; asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer(({ method, url }, response) => {
    if (url !== '/v2/') asked.push(`${method} ${url}`);
    response.writeHead(url === '/v2/' ? 200 : answer.status, url === '/v2/' ? {} : answer.headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }));
  return { server: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function asking(stop: AbortSignal = new AbortController().signal): { said: string[]; given: Parameters<typeof resolveBase>[1] } {
  const said: string[] = [];
  return { said, given: { redactor: new Redactor(), stop, progress: (line) => void said.push(line) } };
}

describe('the digest of the base image', () => {
  test('is asked for, and the image is made of that one', async () => {
    const at = await registry({ status: 200, headers: { 'docker-content-digest': DIGEST } });
    const { said, given } = asking();
    const name = `${at.server}/library/node:26-slim`;
    expect(await resolveBase(name, given)).toEqual({ name, reference: `${name}@${DIGEST}`, digest: DIGEST });
    expect([at.asked, said]).toEqual([['HEAD /v2/library/node/manifests/26-slim'], []]);
  });

  test('that is written already is not asked for', async () => {
    const { said, given } = asking();
    const name = `registry.invalid/node:26-slim@${DIGEST}`;
    expect(await resolveBase(name, given)).toEqual({ name, reference: name, digest: DIGEST });
    expect(said).toEqual([]);
  });

  test.each([
    ['that nobody has', 404, /has no .*; the builder takes its own, and the image does not say which/],
    ['that may not be read', 403, /cannot be had \(.*403.*\); the image does not record it/],
    ['of a registry in trouble', 500, /cannot be had/],
  ])('%s is never made up, and that is said', async (_what, status, words) => {
    const at = await registry({ status });
    const { said, given } = asking();
    const name = `${at.server}/node:26`;
    expect(await resolveBase(name, given)).toEqual({ name, reference: name });
    expect(said).toEqual([expect.stringMatching(words)]);
  });

  test('of what is no name of an image is left to the builder, which will say so', async () => {
    const { said, given } = asking();
    expect(await resolveBase('Not A Name', given)).toEqual({ name: 'Not A Name', reference: 'Not A Name' });
    expect(said).toEqual([]);
  });

  test('whoever is stopped does not go on without it', async () => {
    const { given } = asking(AbortSignal.abort(new Error('stopped')));
    await expect(resolveBase('127.0.0.1:1/node:26', given)).rejects.toThrow('stopped');
  });
});

describe('the base image of a Dockerfile', () => {
  const root = async (text: string): Promise<string> => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'services'));
    await writeFile(path.join(folder, 'services/Dockerfile'), text);
    return folder;
  };

  test('is what its argument stands for', async () => {
    expect(await baseOf(await root('# a comment\nARG BASE=node:26-slim\nFROM ${BASE}\n'))).toBe('node:26-slim');
    expect(await baseOf(path.resolve(import.meta.dirname, '../../..'))).toMatch(/^node:26/);
  });

  test('must be there', async () => {
    await expect(root('FROM node:26\n').then(baseOf)).rejects.toThrow('has no ARG BASE');
  });
});
