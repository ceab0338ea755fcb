/** Held, not tapped: calls back after one finger has rested on a key for so long. Drops and second fingers cancel it. */

export interface Hold {
  /** 0 to 1 while the finger rests. */
  progress: (share: number) => void;
  done: () => void;
  holdMs: number;
}

/** Svelte action for a button. */
export function hold(node: HTMLElement, given: Hold): { destroy: () => void } {
  const down = new Set<number>();
  let startMs = 0;
  let frame = 0;

  const end = (): void => {
    cancelAnimationFrame(frame);
    given.progress(0);
  };
  const step = (): void => {
    const share = Math.min(1, (performance.now() - startMs) / given.holdMs);
    given.progress(share);
    if (share < 1) frame = requestAnimationFrame(step);
    else {
      end();
      given.done();
    }
  };
  const onDown = (event: PointerEvent): void => {
    down.add(event.pointerId);
    end();
    if (down.size > 1) return;
    startMs = performance.now();
    frame = requestAnimationFrame(step);
  };
  const onUp = (event: PointerEvent): void => {
    down.delete(event.pointerId);
    end();
  };
  const onMenu = (event: Event): void => event.preventDefault();

  node.addEventListener("pointerdown", onDown);
  for (const name of ["pointerup", "pointercancel", "pointerleave"] as const)
    node.addEventListener(name, onUp);
  node.addEventListener("contextmenu", onMenu);
  return {
    destroy: () => {
      end();
      node.removeEventListener("pointerdown", onDown);
      for (const name of ["pointerup", "pointercancel", "pointerleave"] as const)
        node.removeEventListener(name, onUp);
      node.removeEventListener("contextmenu", onMenu);
    },
  };
}
