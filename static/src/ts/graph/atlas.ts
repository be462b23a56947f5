// Words drawn once and copied from then on: copying a picture of a name is ten times cheaper than writing it.

export interface Lettering {
  font: string;
  colour: string;
  halo: string;
}

interface Sprite {
  x: number;
  y: number;
  width: number;
}

const SIDE = 2048;
const HEIGHT = 20;
const MARGIN = 3;

export interface Atlas {
  /** Writes a word, its middle at x and the top of its line at y. */
  write(onto: CanvasRenderingContext2D, text: string, lettering: Lettering, x: number, y: number): void;
  width(text: string, font: string): number;
  clear(): void;
}

export function atlas(pixelRatio: number): Atlas {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d")!;
  const sprites = new Map<string, Sprite>();
  const widths = new Map<string, number>();
  let [nextX, nextY] = [0, 0];

  const clear = (): void => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    sprites.clear();
    [nextX, nextY] = [0, 0];
  };

  const width = (text: string, font: string): number => {
    const key = `${font}\n${text}`;
    const known = widths.get(key);
    if (known !== undefined) return known;
    context.font = font;
    const measured = context.measureText(text).width;
    widths.set(key, measured);
    return measured;
  };

  const room = (pixels: number): void => {
    if (nextX + pixels > SIDE) [nextX, nextY] = [0, nextY + HEIGHT * pixelRatio];
    if (nextY + HEIGHT * pixelRatio > SIDE) clear();
  };

  const drawn = (text: string, { font, colour, halo }: Lettering): Sprite => {
    const own = Math.min(width(text, font) + 2 * MARGIN, SIDE / pixelRatio);
    room(Math.ceil(own * pixelRatio));
    const sprite = { x: nextX, y: nextY, width: own };
    nextX += Math.ceil(own * pixelRatio) + 1;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, sprite.x, sprite.y);
    context.font = font;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = halo;
    context.strokeText(text, MARGIN, HEIGHT / 2);
    context.fillStyle = colour;
    context.fillText(text, MARGIN, HEIGHT / 2);
    return sprite;
  };

  return {
    clear,
    width,
    write(onto, text, lettering, x, y) {
      const key = `${lettering.font}\n${lettering.colour}\n${text}`;
      let sprite = sprites.get(key);
      if (!sprite) {
        sprite = drawn(text, lettering);
        sprites.set(key, sprite);
      }
      // Whole pixels, or the letters blur.
      const left = Math.round((x - sprite.width / 2) * pixelRatio) / pixelRatio;
      const top = Math.round((y - 2) * pixelRatio) / pixelRatio;
      const pixels = Math.ceil(sprite.width * pixelRatio);
      const high = HEIGHT * pixelRatio;
      onto.drawImage(canvas, sprite.x, sprite.y, pixels, high, left, top, pixels / pixelRatio, HEIGHT);
    },
  };
}
