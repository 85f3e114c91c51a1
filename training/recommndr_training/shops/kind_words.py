"""What a shop's words for its kinds of events mean, in several languages. Pure."""

from recommndr_training.shops.column_names import tokens

_WORDS: dict[str, str] = {
    "view": """
        view pv views viewed viewitem itemview pageview productview productviewed viewproduct detail details
        itemdetail read see seen visit visited screenview viewcontent productdetail ansicht angesehen vue vues
        consultation vista visto visualizzazione bekeken visning viewdetails
    """,
    "click": "click clicks clicked selectitem itemclick productclick clickitem klick angeklickt clic clique",
    "add_to_cart": """
        addtocart cart basket addtobasket cartadd addcart productadded addedtocart warenkorb indenwarenkorb panier
        ajoutpanier carrito anadiralcarrito carrello winkelwagen handlekurv kundvagn addtobag bag
    """,
    "remove_from_cart": """
        removefromcart removefrombasket removecart cartremove productremoved removedfromcart ausdemwarenkorb
        retraitpanier removefrombag
    """,
    "purchase": """
        purchase purchased purchases buy bought transaction transactionitem order ordered orders sale sold
        checkoutcompleted ordercompleted orderplaced complete completed kauf gekauft bestellung bestellt achat achete
        commande compra comprado pedido acquisto ordine aankoop gekocht bestelling kop kjop ecommercepurchase
    """,
    "favorite": """
        fav favorite favourite favorites favorited wishlist addtowishlist wishlistadd star bookmark save saved
        merkzettel favorit favori favorito preferito favoriet
    """,
    "like": "like liked likes thumbsup upvote gefalltmir jaime megusta mipiace",
    "dislike": "dislike disliked thumbsdown downvote",
    "share": "share shared shares geteilt partage compartir condividi",
    "impression": "impression impressions viewitemlist itemimpression productimpression shown listview",
}
_KINDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}
# Orders with these states were not bought, or not kept.
NOT_BOUGHT = (
    "(?i)^(wc-)?(cancel.*|refunded|fully refunded|failed|void(ed)?|expired|trash|declined|closed|returned|"
    "storniert|abgebrochen|erstattet|annul.*|rembours.*|cancelad[oa]|reembolsad[oa]|rimborsat[oa]|geannuleerd|terugbetaald)$"
)
GUESTS = ("0", "-1", "guest", "anonymous", "unknown", "gast")


def kind_of(word: str) -> str | None:
    """Our kind for a shop's word, or None.

    >>> kind_of("add_to_cart"), kind_of("Warenkorb"), kind_of("pv"), kind_of("begin_checkout")
    ('add_to_cart', 'add_to_cart', 'view', None)
    """
    return _KINDS.get("".join(tokens(word)))


def kind_in(name: str) -> str | None:
    """The kind that a file's name tells, or None.

    >>> kind_in("2024-orders.csv"), kind_in("export.csv")
    ('purchase', None)
    """
    found = dict.fromkeys(kind for word in tokens(name) if (kind := _KINDS.get(word)) is not None)
    return next(iter(found)) if len(found) == 1 else None


def words_of(kind: str) -> tuple[str, ...]:
    """The words that are known for a kind."""
    return tuple(_WORDS[kind].split())
