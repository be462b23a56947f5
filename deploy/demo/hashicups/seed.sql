CREATE TABLE coffees (
    id integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    teaser text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents > 0),
    tint text NOT NULL
);

CREATE TABLE ingredients (
    id integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE coffee_ingredients (
    coffee_id integer NOT NULL REFERENCES coffees,
    ingredient_id integer NOT NULL REFERENCES ingredients,
    quantity integer NOT NULL,
    unit text NOT NULL,
    PRIMARY KEY (coffee_id, ingredient_id)
);

INSERT INTO coffees VALUES
    (1, 'HCP Aeropress', 'Pressed by hand, clear as a good plan', 200, '#8d5a3b'),
    (2, 'Packer Spiced Latte', 'Cinnamon and cardamom, baked into one image', 350, '#c98d4e'),
    (3, 'Vaulatte', 'Nobody tells what is under the foam', 200, '#d9b38c'),
    (4, 'Nomadicano', 'At home wherever there is room', 150, '#4a2c1f'),
    (5, 'Terraspresso', 'Short, strong, the same every time', 150, '#35201a'),
    (6, 'Vagrante espresso', 'For the long evening beside the laptop', 200, '#5b3526'),
    (7, 'Connectaccino', 'Introduces the beans to each other first', 250, '#a8703f'),
    (8, 'Boundary Red Eye', 'Lets you in, and keeps you awake', 200, '#6b2e22'),
    (9, 'Waypointiato', 'From bean to cup in one command', 250, '#b9835a');

INSERT INTO ingredients VALUES
    (1, 'Espresso'),
    (2, 'Semi-skimmed milk'),
    (3, 'Hot water'),
    (4, 'Pumpkin spice'),
    (5, 'Steamed milk'),
    (6, 'Filter coffee'),
    (7, 'Milk foam');

INSERT INTO coffee_ingredients VALUES
    (1, 6, 240, 'ml'),
    (2, 1, 40, 'ml'), (2, 5, 250, 'ml'), (2, 4, 5, 'g'),
    (3, 1, 40, 'ml'), (3, 2, 300, 'ml'),
    (4, 1, 20, 'ml'), (4, 3, 100, 'ml'),
    (5, 1, 20, 'ml'),
    (6, 1, 40, 'ml'),
    (7, 1, 40, 'ml'), (7, 5, 150, 'ml'), (7, 7, 60, 'ml'),
    (8, 6, 200, 'ml'), (8, 1, 30, 'ml'),
    (9, 1, 40, 'ml'), (9, 7, 80, 'ml');

GRANT SELECT ON ALL TABLES IN SCHEMA public TO product_api;
