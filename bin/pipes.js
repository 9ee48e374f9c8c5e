/** What happens when a reader of ours goes away. */
export function watchPipes() {
  // `todoctl … | head`: a reader that has read enough is no error. oclif would wait for a flush that never comes.
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  // Talk that nobody hears does not stop the work.
  process.stderr.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
