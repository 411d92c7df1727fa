"""Sell tea: orders with references and attachments, and two tills that change one document at once.

    python examples/orders.py                                     # in memory
    python examples/orders.py sqlite:///orders.db
    python examples/orders.py http://admin:secret@127.0.0.1:5984

The database `couchmapper-example-orders` is dropped and made again on each run.
"""

import sys
from datetime import UTC, datetime
from decimal import Decimal

from couchmapper import Client, Database, Document, Embedded, Mapped, Ref, Session, connect, field

DATABASE = "couchmapper-example-orders"


class SoldOutError(Exception):
    """There is less in stock than was ordered."""


class Product(Document, id="product:{sku}"):
    """What is sold; several tills count its stock at once."""

    sku: Mapped[str]
    name: Mapped[str]
    price: Mapped[Decimal] = field(scale=2)
    stock: Mapped[int] = field(default=0, merge="add")
    tags: Mapped[set[str]] = field(factory=set, merge="union")


class Customer(Document, id="customer:{code}"):
    """Who buys."""

    code: Mapped[str]
    name: Mapped[str]


class Line(Embedded):
    """So many pieces of a product, at the price of that day."""

    product: Mapped[Ref[Product]]
    quantity: Mapped[int]
    price: Mapped[Decimal]


class Order(Document, id="order:{number:05}"):
    """What a customer ordered; its receipt is an attachment."""

    number: Mapped[int]
    customer: Mapped[Ref[Customer]]
    lines: Mapped[list[Line]] = field(factory=list)
    placed: Mapped[datetime] = field(factory=lambda: datetime.now(UTC))

    @property
    def total(self) -> Decimal:
        """Return what is to be paid."""
        return sum((line.quantity * line.price for line in self.lines), Decimal(0))


def fresh_database(client: Client) -> Database:
    """Make the example's database anew."""
    if DATABASE in client.databases.list():
        client.databases.delete(DATABASE)
    database = client.database(DATABASE, create=True)
    database.bind(Product, Customer, Order)
    return database


def fill(database: Database) -> None:
    """Store what the shop begins with."""
    with database.begin() as session:
        session.add(Product(sku="sencha", name="Sencha", price=Decimal("8.50"), stock=20))
        session.add(Product(sku="cup", name="Cup", price=Decimal("12.00"), stock=3))
        session.add(Customer(code="ann", name="Ann"))


def take_from_stock(session: Session, sku: str, quantity: int) -> Product:
    """Take pieces from the stock and save that at once; raises `SoldOutError` when there are too few."""

    def take(product: Product) -> None:  # called again, on what is there then, when another till was faster
        if product.stock < quantity:
            raise SoldOutError(f"{product.name}: {product.stock} left, {quantity} wanted")
        product.stock -= quantity

    return session.modify(Product, f"product:{sku}", take)


def place(database: Database, number: int, customer: str, wanted: dict[str, int]) -> Order:
    """Take what is wanted from the stock and store the order with its receipt."""
    order = Order(number=number, customer=Ref(f"customer:{customer}"))
    with database.begin() as session:
        try:
            for sku, quantity in wanted.items():
                product = take_from_stock(session, sku, quantity)
                order.lines.append(Line(product=Ref(product), quantity=quantity, price=product.price))
        except SoldOutError:
            for line in order.lines:  # there are no transactions: what was taken goes back
                take_from_stock(session, line.product.document.sku, -line.quantity)
            raise
        order.attachments.add("receipt.txt", f"{order.total} EUR, thank you\n".encode())
        session.add(order)
    return order


def receipts(session: Session) -> list[str]:
    """Return a line for each order; one request brings the customers and products of all orders."""
    found = session.query(Order).include(Order.customer, Line.product).order_by(Order.number)
    return [
        f"{order.customer.document.name}:"
        f" {', '.join(f'{line.quantity} {line.product.document.name}' for line in order.lines)};"
        f" {order.attachments['receipt.txt'].read().decode().strip()}"
        for order in found
    ]


def change_at_once(database: Database, sku: str) -> Product:
    """Change one product in two sessions at once; return it as both together made it."""
    with database.session(on_conflict="merge") as till, database.session() as office:
        ours, theirs = (one.get(Product, f"product:{sku}") for one in (till, office))
        if ours is None or theirs is None:
            raise LookupError(sku)
        theirs.price = Decimal("9.00")
        theirs.stock += 100  # a delivery came
        theirs.tags.add("new harvest")
        office.commit()

        ours.stock -= 1  # a sample was given away
        ours.tags.add("green")
        till.commit()
        return ours


def main(url: str) -> None:
    """Sell, change, print."""
    with connect(url) as client:
        database = fresh_database(client)
        fill(database)
        place(database, 1, "ann", {"sencha": 2, "cup": 1})
        try:
            place(database, 2, "ann", {"cup": 5})
        except SoldOutError as error:
            print("not ordered:", error)
        with database.session() as session:
            print(*receipts(session), sep="\n")
        sencha = change_at_once(database, "sencha")
        print(f"{sencha.name}: {sencha.price} EUR, {sencha.stock} in stock, {', '.join(sorted(sencha.tags))}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "memory:")
