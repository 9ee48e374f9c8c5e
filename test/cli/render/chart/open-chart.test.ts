// A chart's folder that somebody took something out of, or wrote something else into.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { openChart } from '../../../../cli/render/chart/open-chart.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(path.join(folder, 'templates'));
  await writeFile(path.join(folder, 'Chart.yaml'), 'name: todo\nversion: 1.0.0\n');
  await writeFile(path.join(folder, 'values.yaml'), '');
});

function refused(): TodoctlError | undefined {
  try {
    openChart(folder);
    return undefined;
  } catch (error) {
    return error as TodoctlError;
  }
}

describe('a chart', () => {
  test('that is whole is opened, with values or without', async () => {
    expect(refused()).toBeUndefined();
    await writeFile(path.join(folder, 'values.yaml'), 'a: 1\n');
    expect(refused()).toBeUndefined();
  });

  test('may have no templates', async () => {
    await rm(path.join(folder, 'templates'), { recursive: true });
    expect(refused()).toBeUndefined();
  });

  test.each(['values.yaml', 'Chart.yaml'])('without %s names it', async (file) => {
    await rm(path.join(folder, file));
    const error = refused();
    expect(error).toBeInstanceOf(TodoctlError);
    expect([error?.code, error?.message]).toEqual(['TODOCTL_TEMPLATE_BROKEN', `${path.join(folder, file)} cannot be read`]);
    expect(error?.details).toEqual([expect.stringContaining('ENOENT')]);
  });

  test.each(['values.yaml', 'Chart.yaml'])('whose %s is no YAML names it, and the place', async (file) => {
    await writeFile(path.join(folder, file), 'a: 1\nb: [\n');
    const error = refused();
    expect([error?.code, error?.message]).toEqual(['TODOCTL_TEMPLATE_BROKEN', `${path.join(folder, file)} is no YAML`]);
    expect(error?.details[0]).toMatch(/ at line \d+, column \d+/);
  });

  test('with a folder in place of a template names it', async () => {
    await mkdir(path.join(folder, 'templates/a.yaml'));
    expect(refused()?.message).toBe(`${path.join(folder, 'templates/a.yaml')} cannot be read`);
  });
});
