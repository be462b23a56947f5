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

export class Atlas {
  private readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  private readonly sprites = new Map<string, Sprite>();
  private readonly widths = new Map<string, number>();
  private nextX = 0;
  private nextY = 0;

  constructor(private readonly pixelRatio: number) {
    this.canvas.width = this.canvas.height = SIDE;
    this.context = this.canvas.getContext("2d")!;
  }

  /** Writes a word, its middle at x and the top of its line at y. */
  write(onto: CanvasRenderingContext2D, text: string, lettering: Lettering, x: number, y: number): void {
    const sprite = this.sprite(text, lettering);
    const { pixelRatio } = this;
    // Whole pixels, or the letters blur.
    const left = Math.round((x - sprite.width / 2) * pixelRatio) / pixelRatio;
    const top = Math.round((y - 2) * pixelRatio) / pixelRatio;
    const [wide, high] = [Math.ceil(sprite.width * pixelRatio), HEIGHT * pixelRatio];
    onto.drawImage(this.canvas, sprite.x, sprite.y, wide, high, left, top, wide / pixelRatio, HEIGHT);
  }

  width(text: string, font: string): number {
    const key = `${font}\n${text}`;
    const known = this.widths.get(key);
    if (known !== undefined) return known;
    this.context.font = font;
    const measured = this.context.measureText(text).width;
    this.widths.set(key, measured);
    return measured;
  }

  private sprite(text: string, lettering: Lettering): Sprite {
    const key = `${lettering.font}\n${lettering.colour}\n${text}`;
    const known = this.sprites.get(key);
    if (known) return known;
    const width = Math.min(this.width(text, lettering.font) + 2 * MARGIN, SIDE / this.pixelRatio);
    const sprite = { ...this.room(Math.ceil(width * this.pixelRatio) + 1), width };
    this.draw(text, lettering, sprite);
    this.sprites.set(key, sprite);
    return sprite;
  }

  /** The next free place in the rows; where none is left, all is drawn anew as it is needed. */
  private room(pixels: number): { x: number; y: number } {
    if (this.nextX + pixels > SIDE) [this.nextX, this.nextY] = [0, this.nextY + HEIGHT * this.pixelRatio];
    if (this.nextY + HEIGHT * this.pixelRatio > SIDE) {
      this.context.setTransform(1, 0, 0, 1, 0, 0);
      this.context.clearRect(0, 0, SIDE, SIDE);
      this.sprites.clear();
      [this.nextX, this.nextY] = [0, 0];
    }
    const place = { x: this.nextX, y: this.nextY };
    this.nextX += pixels;
    return place;
  }

  private draw(text: string, { font, colour, halo }: Lettering, { x, y }: Sprite): void {
    const { context, pixelRatio } = this;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, x, y);
    context.font = font;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = halo;
    context.strokeText(text, MARGIN, HEIGHT / 2);
    context.fillStyle = colour;
    context.fillText(text, MARGIN, HEIGHT / 2);
  }
}
