export default function NotFound() {
  return (
    <main>
      <h1>There is no such page</h1>
      <p>
        <a href="/">To the shop</a>
      </p>
    </main>
  );
}
