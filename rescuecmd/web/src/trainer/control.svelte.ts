/** The trainer's hand on the drill: each call is a request to the server, each failure is shown. */
import { post, ServerError } from "../api/http";

export class Control {
  error = $state.raw<ServerError | null>(null);
  busy = $state("");

  start = (): Promise<void> => this.#call("start");
  pause = (): Promise<void> => this.#call("pause");
  resume = (): Promise<void> => this.#call("resume");
  stop = (): Promise<void> => this.#call("stop");
  speed = (speed: number): Promise<void> => this.#call("speed", { speed });
  load = (drillId: string): Promise<void> => this.#call("load", { drill_id: drillId });
  inject = (verb: "fire" | "hold" | "skip", id: string): Promise<void> => this.#call(verb, { inject_id: id });

  async #call(verb: string, body: object = {}): Promise<void> {
    this.busy = verb;
    this.error = null;
    try {
      await post(`/api/drill/${verb}`, body);
    } catch (error) {
      this.error = error instanceof ServerError ? error : new ServerError("unknown", String(error));
    } finally {
      this.busy = "";
    }
  }
}
