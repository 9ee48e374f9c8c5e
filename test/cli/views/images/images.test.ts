import { describe, expect, test } from 'vitest';
import { buildText, listText, pushText, scanText } from '../../../../cli/views/images/images.ts';
import { cleanQuestion, cleanText, createText, deleteQuestion, deleteText, loginText, showText } from '../../../../cli/views/registry/registry.ts';

const io = { colour: false };
const reference = 'ghcr.io/acme/todo:image-1';

describe('images', () => {
  const built = { environment: 'prod', dryRun: false, reference, tags: { web: 'a' } };
  const image = { builder: 'docker' as const, base: 'node:26-slim', baseDigest: `sha256:${'a1'.repeat(32)}`, revision: 'c0ffee', contents: 'x' };

  test('what was built, of what, and what comes next', () => {
    expect(buildText({ ...built, image }, io)).toBe(`Built  ${reference} with docker\nBase   node:26-slim@sha256:a1a1a1a1a1a1…\nCommit c0ffee\nNext   todoctl images push --env prod\n`);
    expect(buildText({ ...built, there: 'machine', image: { builder: 'podman', base: 'node:26', contents: 'x' } }, io)).toBe(`There  ${reference} in podman, of the same contents\nBase   node:26, which one is not recorded\nNext   todoctl images push --env prod\n`);
    expect(buildText({ ...built, there: 'registry' }, io)).toBe(`There  ${reference} is in the registry; nothing had to be built\n`);
    expect(buildText({ ...built, dryRun: true }, io)).toBe(`Would build  ${reference}, unless this machine has it\n`);
  });

  const pushed = { environment: 'prod', dryRun: false, server: 'ghcr.io', repository: 'acme/todo', services: [{ service: 'web', tag: 'a', pushed: true }, { service: 'audit', tag: 'b', pushed: false }], built: true, sent: true, tagged: ['a'] };
  test('what was pushed, and how much of it had to be', () => {
    expect(pushText(pushed, io)).toBe('Pushed  ghcr.io/acme/todo built and sent\n  web  a\n');
    expect(pushText({ ...pushed, built: false }, io)).toBe('Pushed  ghcr.io/acme/todo sent\n  web  a\n');
    expect(pushText({ ...pushed, built: false, sent: false }, io)).toBe('Pushed  ghcr.io/acme/todo sent before; tags alone\n  web  a\n');
    expect(pushText({ ...pushed, dryRun: true }, io)).toBe('Would push to ghcr.io/acme/todo\n  web  a\n');
    const nothing = { ...pushed, services: pushed.services.map((one) => ({ ...one, pushed: false })), tagged: [] };
    expect(pushText(nothing, io)).toBe('Nothing had to be pushed to ghcr.io/acme/todo: all 2 images are there\n');
    expect(pushText({ ...nothing, services: nothing.services.slice(0, 1) }, io)).toBe('Nothing had to be pushed to ghcr.io/acme/todo: the image is there\n');
  });

  test('what is there', () => {
    expect(listText({ environment: 'prod', server: 'ghcr.io', repository: 'acme/todo', tags: ['a', 'old'], services: [{ service: 'web', tag: 'a', digest: 'sha256:1' }, { service: 'audit', tag: 'b' }] }, io))
      .toBe('ghcr.io/acme/todo\n  web    a  there\n  audit  b  missing\n  and 1 other tag\n');
  });

  test('what a scan found', () => {
    const weakness = (id: string, severity: string) => ({ id, package: 'p', installed: '1', severity, title: '' });
    const scan = { environment: 'prod', reference, scanned: true, weaknesses: [] };
    expect(scanText(scan, io)).toBe(`Scanned  ${reference}: nothing found\n`);
    expect(scanText({ ...scan, weaknesses: [weakness('a', 'CRITICAL'), weakness('b', 'LOW'), weakness('c', 'LOW')] }, io)).toBe(`Scanned  ${reference}: 1 critical, 2 low; none critical that is fixed elsewhere\n`);
    expect(scanText({ ...scan, scanned: false }, io)).toContain('Trivy is not on this machine');
  });
});

describe('a registry', () => {
  const tag = (name: string, bytes = 3 * 2 ** 20) => ({ tag: name, digest: 'sha256:1', bytes, updated: '2026-11-21T10:00:00Z' });
  const state = { name: 'todo', region: 'nyc3', ours: true, bytes: 1.5 * 2 ** 30 };

  test('made, found and shown', () => {
    expect(createText({ name: 'todo', server: 's', dryRun: true, created: true }, io)).toBe('Would make  registry todo at s\n');
    expect(createText({ name: 'todo', server: 's', dryRun: false, created: false }, io)).toBe('There  registry todo at s\n');
    expect(showText({ ...state, server: 's', tags: [tag('a')] }, io)).toBe('todo  s/todo in nyc3\nPlan    not known\nStored  1.5 GiB, 1 tag\n');
    expect(showText({ ...state, server: 's', tags: [], cleaning: 'requested', plan: { name: 'Basic', monthly: 5, bytes: 5 * 2 ** 30 } }, io)).toBe('todo  s/todo in nyc3\nPlan    Basic, $5.00 a month\nStored  1.5 GiB of 5.0 GiB, 0 tags\nClean   requested; nothing can be pushed until it has ended\n');
  });

  test('signed in to: where the credentials lie, never what they are', () => {
    expect(loginText({ server: 's', access: 'read', until: 'then', config: '/p/docker-login' }, io)).toBe('Signed in  to s, to read, until then\nUse it with DOCKER_CONFIG=/p/docker-login\n');
    expect(loginText({ server: 's', access: 'write', until: 'then' }, io)).toBe('Signed in  to s, to write, until then\n');
  });

  test('cleaned: a dozen by name, the rest by number', () => {
    const many = Array.from({ length: 15 }, (_, index) => tag(`t${index}`));
    const text = cleanText({ name: 'todo', dryRun: true, removed: many, kept: [tag('k')] }, io);
    expect(text.split('\n').slice(0, 2)).toEqual(['Would delete  15 tags of todo; 1 tag stays', '  t0  2026-11-21  3 MiB']);
    expect(text).toMatch(/ {2}t11 .*\n {2}and 3 more\n$/);
    expect(cleanText({ name: 'todo', dryRun: false, removed: [], kept: many }, io)).toBe('Nothing of todo is unused; 15 tags stay\n');
    expect(cleanQuestion([tag('old')])).toBe('This deletes 1 tag that no environment uses, and nothing can be pushed meanwhile:\n  old  2026-11-21  3 MiB\n');
  });

  test('deleted', () => {
    expect(deleteQuestion(state)).toBe('This deletes the registry todo with all images of all environments, 1.5 GiB.\n');
    expect(deleteText({ name: 'todo', dryRun: false, deleted: true }, io)).toBe('Deleted  registry todo with all its images\n');
    expect(deleteText({ name: 'todo', dryRun: false, deleted: false }, io)).toBe('Gone  there is no registry todo\n');
  });
});
