/** A thread that kills its process while the main thread waits for the disk. It says whether the COMMIT was still under way. */
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

const { memory, afterUs } = workerData as { memory: Int32Array; afterUs: number }

Atomics.wait(memory, 0, 0)
const at = process.hrtime.bigint() + BigInt(afterUs) * 1000n
while (process.hrtime.bigint() < at);
writeSync(1, Atomics.load(memory, 1) === 1 ? 'syncing' : 'anytime')
process.kill(process.pid, 'SIGKILL')
