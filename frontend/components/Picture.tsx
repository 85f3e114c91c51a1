import type { Product } from "@recommndr/client";
import { type CSSProperties, memo } from "react";
import { MOTIFS, type Shape } from "@/lib/motifs";
import { drawingOf } from "@/lib/picture";
import styles from "./Picture.module.css";

/** The catalogue's picture, or a drawing. It is decoration beside a title and hidden from screen readers. */
export const Picture = memo(function Picture({ product, eager = false }: { product: Product; eager?: boolean }) {
  if (product.image_url) {
    // biome-ignore lint/performance/noImgElement: pictures come from the catalogue's own hosts, which no build can know
    return <img className={styles.photo} src={product.image_url} alt="" loading={eager ? "eager" : "lazy"} />;
  }
  const drawing = drawingOf(product.category_path, product.title);
  if (drawing.motif === null) return <Tile initial={drawing.initial} hue={drawing.hue} />;
  const { motif, hue, chroma, lightness, disc, tilt } = drawing;
  const tones = { "--hue": hue.toFixed(0), "--chroma": chroma.toFixed(2), "--light": lightness.toFixed(2) };
  const shapes: readonly Shape[] = MOTIFS[motif];
  return (
    <svg className={styles.drawing} viewBox="0 0 100 100" aria-hidden="true" style={tones as CSSProperties}>
      <rect className={styles.ground} width="100" height="100" />
      <circle className={styles.disc} cx={disc.x} cy={disc.y} r={disc.r} />
      <g transform={`translate(50 51) rotate(${tilt.toFixed(1)}) scale(0.66) translate(-50 -51)`}>
        {shapes.map(([tone, path, stroke]) => (
          <path
            key={path}
            d={path}
            className={stroke === undefined ? styles[tone] : styles[`${tone}Line`]}
            strokeWidth={stroke}
          />
        ))}
      </g>
    </svg>
  );
});

/** For categories without a fitting drawing. */
function Tile({ initial, hue }: { initial: string; hue: number }) {
  return (
    <svg
      className={styles.tile}
      viewBox="0 0 100 100"
      aria-hidden="true"
      style={{ "--hue": hue.toFixed(0) } as CSSProperties}
    >
      <rect className={styles.tileGround} width="100" height="100" />
      <text className={styles.initial} x="50" y="50" textAnchor="middle" dominantBaseline="central">
        {initial}
      </text>
    </svg>
  );
}
